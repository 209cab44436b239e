import CLinux
import Events
import Foundation
import Workloads

/// Ends processes for sure, and only those that are meant.
package enum Killer {
    package enum Outcome: Sendable, Equatable {
        case killed
        /// There was nothing left to end.
        case gone
        /// The kernel has the order, but something keeps it: what waits for a device, or stands frozen in v1.
        case pending
    }

    /// One process, by its pid and start: whoever has got its number since is left alone.
    package static func kill(_ process: ProcessName, within limit: Duration = .seconds(1)) throws(ActionError)
        -> Outcome
    {
        guard process.pid > 1, process.pid != UInt32(getpid()) else {
            throw ActionError("cannot kill process \(process.pid): the node, or the monitor, is not to be ended")
        }
        guard let target = ProcessHandle(process.pid), ProcessSnapshot.isRunning(process) else { return .gone }
        guard try target.kill() else { return .gone }
        return target.waitsForEnd(within: limit) ? .killed : .pending
    }

    /// All processes of an instance, those that are being started included.
    package static func kill(_ hold: Hold, within limit: Duration = .seconds(1)) throws(ActionError) -> Outcome {
        guard hold.exists else { return .gone }
        switch hold.kind {
        case .unified: return try killUnified(hold, within: limit)
        case .freezer: return try killInFreezer(hold, within: limit)
        }
    }

    private static func killUnified(_ hold: Hold, within limit: Duration) throws(ActionError) -> Outcome {
        let cgroup = try CgroupDirectory(hold, to: "kill")
        // 5.14, commit 661ee6280931; before that nobody is started while all stand still.
        if cgroup.has("cgroup.kill") {
            try cgroup.write("1", to: "cgroup.kill")
        } else {
            try killEach(hold, within: limit)
        }
        return cgroup.waits(for: "populated 0", in: "cgroup.events", within: limit) ? .killed : .pending
    }

    /// What stands frozen in v1 dies when it is let go.
    private static func killInFreezer(_ hold: Hold, within limit: Duration) throws(ActionError) -> Outcome {
        try killEach(hold, within: limit)
        let end = ContinuousClock.now + limit
        while let hierarchy = hold.hierarchy, !Processes(below: hold.cgroup, in: hierarchy).pids.isEmpty {
            guard ContinuousClock.now < end else { return .pending }
            usleep(2000)
        }
        return .killed
    }

    /// While all stand still, each round finds them all; more are for those that were just being started.
    private static let rounds = 8

    /// Ends what a cgroup holds one by one, and leaves it thawed.
    private static func killEach(_ hold: Hold, within limit: Duration) throws(ActionError) {
        guard let hierarchy = hold.hierarchy else { return }
        _ = try Freezer.freeze(hold, within: limit)
        defer { _ = try? Freezer.thaw(hold) }
        var ordered: Set<UInt32> = []
        for _ in 0..<rounds {
            let fresh = Processes(below: hold.cgroup, in: hierarchy).pids.subtracting(ordered)
            if fresh.isEmpty { return }
            for pid in fresh {
                // Still there once it is held: nobody else has got its number.
                guard let target = ProcessHandle(pid), Processes.is(pid, below: hold.cgroup, in: hierarchy) else {
                    continue
                }
                _ = try target.kill()
                ordered.insert(pid)
            }
        }
    }
}

/// One process, whatever its number is used for later.
private struct ProcessHandle: ~Copyable {
    private let descriptor: Int32
    private let pid: UInt32

    /// Nil: there is none.
    init?(_ pid: UInt32) {
        self.pid = pid
        descriptor = linux_open_process(pid_t(bitPattern: pid))
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    /// False: it has ended.
    func kill() throws(ActionError) -> Bool {
        if linux_signal_process(descriptor, SIGKILL) == 0 { return true }
        if errno == ESRCH { return false }
        throw ActionError("cannot kill process \(pid): \(String(cString: strerror(errno)).lowercased())")
    }

    func waitsForEnd(within limit: Duration) -> Bool {
        var end = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&end, 1, Int32(limit / .milliseconds(1))) == 1
    }
}
