import Crypto
import Events
import Foundation

/// A process that ran before the monitor did, as /proc shows it.
package struct RunningProcess: Sendable, Equatable {
    package var pid: UInt32
    package var parent: UInt32
    /// Nanoseconds since boot, cut down to a clock tick: the kernel's own figure is less than `tick` above it.
    package var start: UInt64
    /// Stands for the exec that nobody saw; equal for equal words.
    package var exec: ExecID
    package var words: ProcessWords
    /// Path from the hierarchy's root; nil where it cannot be read.
    package var cgroup: String?
    package var mountNamespace: UInt32
    package var login: Lineage.Login
}

package enum ProcessSnapshot {
    /// Nanoseconds in a clock tick of /proc, 10 ms on every Linux we know.
    package static let tick: UInt64 = 1_000_000_000 / UInt64(max(1, sysconf(Int32(_SC_CLK_TCK))))

    /// All processes but kernel threads. One that ends meanwhile is left out.
    package static func take(_ hierarchy: Hierarchy) -> [RunningProcess] {
        Files.names(in: "/proc").compactMap { name in
            UInt32(name).flatMap { process($0, hierarchy) }
        }
    }

    /// Of a process that still runs.
    package static func words(of process: ProcessName) -> ProcessWords? {
        guard let stat = Stat(pid: process.pid), stat.ticks == process.start / tick else { return nil }
        return called(process.pid)
    }

    package static func process(_ pid: UInt32, _ hierarchy: Hierarchy) -> RunningProcess? {
        guard let stat = Stat(pid: pid), let words = called(pid) else { return nil }
        return RunningProcess(
            pid: pid, parent: stat.parent, start: stat.ticks * tick, exec: identifier(words), words: words,
            cgroup: hierarchy.cgroup(ofProcess: pid), mountNamespace: Namespace.mount(of: pid) ?? 0,
            login: login(pid, stat))
    }

    /// Nil of a kernel thread.
    private static func called(_ pid: UInt32) -> ProcessWords? {
        guard let executable = Files.link("/proc/\(pid)/exe") else { return nil }
        let line = commandLine(pid)
        let count = line.map { split($0[...]).count } ?? 0
        // As much as the kernel half tells of an exec, where a last word that is cut still ends: the same words stay so.
        let kept = line.map { split($0.prefix(8191)).prefix(64).map { decodeText(Array($0)) } } ?? []
        let deleted = " (deleted)"
        var path = executable.hasSuffix(deleted) ? String(executable.dropLast(deleted.utf8.count)) : executable
        if path.hasPrefix("/memfd:") { path.removeFirst() }
        return ProcessWords(
            executable: path, arguments: kept.map(\.text), argumentCount: count,
            workingDirectory: Files.link("/proc/\(pid)/cwd") ?? "/",
            isTruncated: line.map { $0.count > 8191 } == true || count > 64, isLossy: kept.contains(where: \.isLossy))
    }

    /// Words of a running process; empty for a kernel thread.
    static func words(_ pid: UInt32) -> [String] {
        commandLine(pid).map { split($0[...]).map { decodeText(Array($0)).text } } ?? []
    }

    /// Without the NUL behind the last word.
    private static func commandLine(_ pid: UInt32) -> [UInt8]? {
        guard var bytes = try? Files.read("/proc/\(pid)/cmdline"), !bytes.isEmpty else { return nil }
        if bytes.last == 0 { bytes.removeLast() }
        return bytes
    }

    private static func split(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        line.split(separator: 0, omittingEmptySubsequences: false)
    }

    /// Whether it is still this process that has the number.
    package static func isRunning(_ process: ProcessName) -> Bool {
        Stat(pid: process.pid).map { $0.ticks == process.start / tick } == true
    }

    /// Groups that a process is in beside its own; none of one that is gone.
    package static func groups(of process: ProcessName) -> [UInt32] {
        guard let text = Files.text("/proc/\(process.pid)/status"), isRunning(process),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("Groups:") })
        else { return [] }
        return line.dropFirst(7).split(whereSeparator: \.isWhitespace).compactMap { UInt32($0) }
    }

    /// The kernel's ids are keyed by a secret; these are a plain digest with the lowest bit set, never 0.
    private static func identifier(_ words: ProcessWords) -> ExecID {
        var hash = SHA256()
        hash.update(data: Data(words.executable.utf8))
        for word in words.arguments {
            hash.update(data: [0])
            hash.update(data: Data(word.utf8))
        }
        return hash.finalize().prefix(8).reduce(0) { $0 << 8 | UInt64($1) } | 1
    }

    private static func login(_ pid: UInt32, _ stat: Stat) -> Lineage.Login {
        let number = { (file: String) in
            Files.text("/proc/\(pid)/\(file)").flatMap { UInt32($0) }.flatMap { $0 == .max ? nil : $0 }
        }
        return Lineage.Login(uid: number("loginuid"), session: number("sessionid"), terminal: stat.terminal)
    }

    /// Fields of /proc/<pid>/stat that follow the name, which may itself hold spaces and parentheses.
    struct Stat {
        var parent: UInt32
        var ticks: UInt64
        /// Device number of the controlling terminal; 0: there is none.
        var terminalDevice: UInt32
        /// Nanoseconds since boot.
        var start: UInt64 { ticks * ProcessSnapshot.tick }

        /// Unix98 pseudo terminals have the majors 136 to 143, virtual consoles and serial lines minors of their own
        /// (Documentation/admin-guide/devices.txt).
        var terminal: String? {
            let major = terminalDevice >> 8 & 0xfff
            let minor = terminalDevice & 0xff | terminalDevice >> 12 & 0xfff00
            switch major {
            case 136...143: return "pts/\((major - 136) << 8 | minor)"
            case 4: return minor < 64 ? "tty\(minor)" : "ttyS\(minor - 64)"
            default: return nil
            }
        }

        init?(pid: UInt32) {
            guard let text = Files.text("/proc/\(pid)/stat") else { return nil }
            self.init(text)
        }

        init?(_ text: String) {
            guard let end = text.lastIndex(of: ")") else { return nil }
            // Behind the name come field 3 (state), 4 (parent), ... 7 (tty_nr), ... 22 (start).
            let fields = text[text.index(after: end)...].split(separator: " ")
            guard fields.count > 19, let parent = UInt32(fields[1]), let ticks = UInt64(fields[19]) else { return nil }
            self.parent = parent
            self.ticks = ticks
            terminalDevice = UInt32(bitPattern: Int32(fields[4]) ?? 0)
        }
    }
}

/// Inode numbers of namespaces, as the kernel half reports them.
enum Namespace {
    static func mount(of pid: UInt32) -> UInt32? { number("/proc/\(pid)/ns/mnt") }
    static func pid(of pid: UInt32) -> UInt32? { number("/proc/\(pid)/ns/pid") }
    static let ownMount = number("/proc/self/ns/mnt") ?? 0
    static let hostMount = number("/proc/1/ns/mnt") ?? 0
    static let hostPid = number("/proc/1/ns/pid") ?? 0

    private static func number(_ path: String) -> UInt32? {
        guard let text = Files.link(path), let open = text.firstIndex(of: "["), text.hasSuffix("]") else { return nil }
        return UInt32(text[text.index(after: open)...].dropLast())
    }
}
