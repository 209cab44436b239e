import Foundation
import Testing

/// The built command, watching this machine.
final class Monitor: Sendable {
    static let command = Node.products + "/driftwatch"
    private let child: Child
    private let files: Scratch

    /// Returns once every hook is attached. `within`: the words that run it somewhere else.
    init(_ arguments: [String], within: [String] = [], readyWithin limit: Duration = .seconds(15)) async throws {
        files = Scratch("monitor")
        let ready = files / "ready"
        let tier = arguments.contains("--tier") ? [] : Node.tier.map { ["--tier", $0] } ?? []
        child = try Child(
            within + [Self.command] + arguments + tier + ["--ready-file", ready], output: files / "lines",
            errors: files / "log")
        let (child, files) = (child, files)
        do {
            try await eventually("monitor attached", within: limit) {
                if FileManager.default.fileExists(atPath: ready) { return true }
                guard kill(child.pid, 0) == 0, try !read("/proc/\(child.pid)/stat").contains(") Z ") else {
                    throw Trouble("the monitor ended at once: \(try read(files / "log"))")
                }
                return nil
            }
        } catch {
            child.signal(SIGKILL)
            _ = try? await child.wait()
            throw error
        }
    }

    var pid: pid_t { child.pid }

    func log() throws -> String { try read(files / "log") }

    /// Whole lines printed so far; with `part`, those that hold this text or are about the monitor itself.
    func lines(with part: String = "") throws -> [Line] {
        let text = try read(files / "lines")
        let whole = text.lastIndex(of: "\n").map { text[..<$0] } ?? ""
        let wanted = whole.split(separator: "\n").filter {
            part.isEmpty || $0.contains(part) || $0.contains(#""kind":"state""#)
        }
        return try wanted.map { try Line(String($0)) }
    }

    /// The first line, past or to come, of which `condition` holds; `part` as in `lines`.
    @discardableResult
    func line(
        _ what: String, within limit: Duration = .seconds(10), with part: String = "", where condition: (Line) -> Bool
    ) async throws -> Line {
        try await eventually(what, within: limit) { try lines(with: part).first(where: condition) }
    }

    /// The workload's baseline has been learned.
    func armed(_ workload: String, within limit: Duration = .seconds(40)) async throws {
        try await line("baseline of \(workload) armed", within: limit) {
            $0.action == "baseline-armed" && $0.workload == workload
        }
    }

    /// Ends it in the polite way and gives all that it printed; that it ends in time, and that its books balance,
    /// is checked here for every run of every test.
    @discardableResult
    func stop(with part: String = "", sourceLocation: SourceLocation = #_sourceLocation) async throws -> [Line] {
        child.signal(SIGTERM)
        let status = try await child.wait(within: .seconds(5))
        let log = try log()
        #expect(status == 0, "the monitor ended with \(status): \(log)", sourceLocation: sourceLocation)
        let lines = try lines(with: part)
        let last = try #require(
            lines.last { $0.action == "monitor-stopped" }, "no monitor-stopped", sourceLocation: sourceLocation)
        try Ledger.expectBalance(last, sourceLocation: sourceLocation)
        return lines
    }

    /// No time to say goodbye.
    func kill9() async throws {
        child.signal(SIGKILL)
        _ = try await child.wait()
    }

    deinit {
        if waitpid(child.pid, nil, WNOHANG) == 0 {
            child.signal(SIGKILL)
            waitpid(child.pid, nil, 0)
        }
    }
}

/// The books of one kind of behaviour.
struct Ledger: CustomStringConvertible {
    static let kinds = ["exec", "connect", "listen", "open"]
    private static let names = [
        "seen", "known", "emitted", "over_quota", "lost", "received", "judged", "held", "undecodable",
    ]
    private var entries: [String: Int64] = [:]

    /// Of all workloads; or of one, all zeros where the line does not name it.
    init(_ line: Line, _ kind: String, workload: String? = nil) throws {
        let workloads = (line["driftwatch.workloads"]?.array ?? []).map(Line.init(json:))
        let books =
            workload == nil
            ? line["driftwatch.ledger.\(kind)"]
            : workloads.first { $0["id"]?.string == workload }.map { $0["ledger.\(kind)"] ?? .null }
        for name in Self.names {
            guard let books else {
                entries[name] = 0
                continue
            }
            entries[name] = try #require(Line(json: books)[name]?.integer, "no \(name) of \(kind) in \(line)")
        }
        if workload == nil { try #require(books != nil, "no ledger of \(kind) in \(line)") }
    }

    subscript(name: String) -> Int64 { entries[name]! }

    /// Nil where everything that was seen is accounted for.
    var imbalance: String? {
        if self["seen"] != self["known"] + self["emitted"] + self["over_quota"] + self["lost"] { return "seen" }
        if self["emitted"] != self["received"] + self["undecodable"] { return "emitted" }
        return self["received"] != self["judged"] + self["held"] ? "received" : nil
    }

    /// The books of the whole and of each workload balance, and those of the workloads sum up to the whole.
    static func expectBalance(_ line: Line, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let workloads = (line["driftwatch.workloads"]?.array ?? []).compactMap { Line(json: $0)["id"]?.string }
        #expect(Set(workloads).count == workloads.count, sourceLocation: sourceLocation)
        for kind in kinds {
            let whole = try Ledger(line, kind)
            #expect(whole.imbalance == nil, "\(kind): \(whole)", sourceLocation: sourceLocation)
            var sums = Dictionary(uniqueKeysWithValues: names.map { ($0, Int64(0)) })
            for workload in workloads {
                let part = try Ledger(line, kind, workload: workload)
                #expect(part.imbalance == nil, "\(workload) \(kind): \(part)", sourceLocation: sourceLocation)
                for name in names { sums[name]! += part[name] }
            }
            #expect(sums == whole.entries, "\(kind): \(whole)", sourceLocation: sourceLocation)
        }
    }

    var description: String {
        entries.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}
