import Foundation
import Synchronization

/// Sends what goes outside, some at a time, so that nobody who does not answer holds up anything else.
final class Errands: Sendable {
    static let mostAtOnce = 8
    static let mostWaiting = 256

    private struct State {
        var waiting: [Errand] = []
        var running: [UInt64: Task<Void, Never>] = [:]
        var next: UInt64 = 0
        var isOver = false
    }
    private let state = Mutex(State())
    private let sender: WebhookSender
    private let done: @Sendable (Errand, Result<String, ActionError>) -> Void

    /// `done` is called on any thread.
    init(
        sender: WebhookSender = WebhookSender(), done: @escaping @Sendable (Errand, Result<String, ActionError>) -> Void
    ) {
        self.sender = sender
        self.done = done
    }

    /// False: too many wait already.
    func take(_ errand: Errand) -> Bool {
        let isTaken = state.withLock { state in
            guard !state.isOver, state.waiting.count < Self.mostWaiting else { return false }
            state.waiting.append(errand)
            return true
        }
        if isTaken { goOn() }
        return isTaken
    }

    var isIdle: Bool { state.withLock { $0.waiting.isEmpty && $0.running.isEmpty } }

    /// What has not begun never will, and is given back; what goes on is broken off.
    func stop() -> [Errand] {
        let (left, running) = state.withLock { state in
            defer { state.waiting = [] }
            state.isOver = true
            return (state.waiting, Array(state.running.values))
        }
        for task in running { task.cancel() }
        return left
    }

    private func goOn() {
        state.withLock { state in
            while state.running.count < Self.mostAtOnce, !state.waiting.isEmpty {
                let errand = state.waiting.removeFirst()
                state.next += 1
                let number = state.next
                state.running[number] = Task { [self] in
                    let result = await run(errand)
                    ended(number)
                    done(errand, result)
                }
            }
        }
    }

    private func ended(_ number: UInt64) {
        state.withLock { $0.running[number] = nil }
        goOn()
    }

    private func run(_ errand: Errand) async -> Result<String, ActionError> {
        do throws(ActionError) {
            switch errand.outlet {
            case .webhook(let webhook): return .success(try await sender.send(webhook, errand))
            case .command(let command): return .success(try await command.run(errand))
            }
        } catch { return .failure(error) }
    }
}
