import Events
import Foundation

/// A process that ran before the monitor did, with what it held then.
package struct FoundProcess: Sendable {
    package var running: RunningProcess
    package var parent: RunningProcess?
    package var uid: UInt32
    package var gid: UInt32
    package var pidNamespace: UInt32
    /// How it would have been told, as far as one can see now.
    package var exec: Exec
    /// Its executable has lost its name, and no other took its place, as an upgrade would have done.
    package var isGone: Bool
    package var files: [Open]
    package var listens: [Listen]
    /// There was more than is looked at.
    package var isCut: Bool

    package var actor: Actor {
        Actor(
            process: ProcessName(pid: running.pid, start: running.start),
            parent: parent.map { ProcessName(pid: $0.pid, start: $0.start) } ?? .none, cgroup: 0,
            exec: running.exec, parentExec: parent?.exec ?? 0, uid: uid, gid: gid,
            mountNamespace: running.mountNamespace, pidNamespace: pidNamespace,
            executable: ResolvedPath(running.words.executable),
            parentExecutable: ResolvedPath(parent?.words.executable ?? ""),
            workingDirectory: ResolvedPath(running.words.workingDirectory))
    }
}

/// Reads from /proc what processes hold; takes milliseconds for each, and belongs on a thread of its own.
package struct ProcessReader {
    private let byPID: [UInt32: RunningProcess]
    private let withFiles: Bool
    private var sockets: [String: Sockets] = [:]
    private var mounts: [String: Set<Int>] = [:]

    package init(_ processes: [RunningProcess], withFiles: Bool) {
        byPID = Dictionary(processes.map { ($0.pid, $0) }) { first, _ in first }
        self.withFiles = withFiles
    }

    /// Nil where the process is gone.
    package mutating func read(_ running: RunningProcess) -> FoundProcess? {
        let pid = running.pid
        var owner = stat()
        guard stat("/proc/\(pid)", &owner) == 0, isSame(running) else { return nil }
        var found = FoundProcess(
            running: running, parent: byPID[running.parent], uid: owner.st_uid, gid: owner.st_gid,
            pidNamespace: Namespace.pid(of: pid) ?? 0, exec: exec(running), isGone: false, files: [], listens: [],
            isCut: false)
        if withFiles {
            let held = HeldFiles(of: pid, mounts: reachable(running))
            found.files = held.files
            found.isCut = held.isCut
            if !held.sockets.isEmpty { take(held.sockets, into: &found) }
        }
        look(at: &found)
        // What was read of another process that got its number is nobody's.
        return isSame(running) ? found : nil
    }

    private func isSame(_ running: RunningProcess) -> Bool {
        ProcessSnapshot.Stat(pid: running.pid)?.start == running.start
    }

    private func exec(_ running: RunningProcess) -> Exec {
        Exec(
            filename: running.words.executable, arguments: running.words.arguments,
            argumentCount: running.words.argumentCount, lineage: Lineage(login: running.login))
    }

    private mutating func take(_ held: [Int: UInt64], into found: inout FoundProcess) {
        let pid = found.running.pid
        let namespace = Files.link("/proc/\(pid)/ns/net") ?? ""
        if sockets[namespace] == nil { sockets[namespace] = Sockets(of: pid) }
        let known = sockets[namespace]!
        var told: Set<UInt64> = []
        for (number, inode) in held.sorted(by: { $0.key < $1.key }) {
            if let listen = known.listening[inode], told.insert(inode).inserted { found.listens.append(listen) }
            guard number < 2, let peer = known.peers[inode] else { continue }
            found.exec.flags.insert(number == 0 ? .stdinSocket : .stdoutSocket)
            found.exec.peer = peer
        }
    }

    /// What its executable is by now.
    private func look(at found: inout FoundProcess) {
        let pid = found.running.pid
        var status = stat()
        guard let link = Files.link("/proc/\(pid)/exe"), stat("/proc/\(pid)/exe", &status) == 0 else { return }
        found.exec.inode = UInt64(status.st_ino)
        found.exec.changed = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
        guard status.st_nlink == 0 else { return }
        let name = link.split(separator: "/").last ?? ""
        if link.hasPrefix("/memfd:") || name == "#\(status.st_ino)\(HeldFiles.deleted)" {
            found.exec.flags.insert(.fileless)
        } else {
            found.exec.flags.insert(.deleted)
            found.isGone = !Files.exists("/proc/\(pid)/root" + found.running.words.executable)
        }
    }

    /// Only of processes with mounts of their own: the host's reach them all.
    private mutating func reachable(_ running: RunningProcess) -> Set<Int>? {
        guard running.mountNamespace != 0, running.mountNamespace != Namespace.hostMount else { return nil }
        let key = "\(running.mountNamespace) \(Files.link("/proc/\(running.pid)/root") ?? "/")"
        if let known = mounts[key] { return known }
        guard let text = Files.text("/proc/\(running.pid)/mountinfo") else { return nil }
        let ids = Set(text.split(separator: "\n").compactMap { $0.split(separator: " ").first.flatMap { Int($0) } })
        mounts[key] = ids
        return ids
    }
}
