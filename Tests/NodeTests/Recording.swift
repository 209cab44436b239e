import Foundation
import Testing

/// All acts, done once under one monitor.
actor Recording {
    static let shared = Recording()
    private var task: Task<[Line], any Error>?
    private var impossible: Set<String> = []
    /// Acts that went wrong by themselves.
    private var failures: [String: any Error] = [:]
    private var inodes: [String: Int64] = [:]

    /// False: the kernel itself cannot do it.
    func isPossible(_ act: Act) throws -> Bool {
        if let failure = failures[act.name] { throw failure }
        return !impossible.contains(act.name)
    }

    /// Of a file that was there when the act had been done: an open that tells this path must tell this number.
    func inode(of path: String) -> Int64? { inodes[path] }

    func lines() async throws -> [Line] {
        if let task { return try await task.value }
        let task = Task { try await record() }
        self.task = task
        return try await task.value
    }

    private func record() async throws -> [Line] {
        let programs = Scratch("bin", fixed: true)
        for program in try FileManager.default.contentsOfDirectory(atPath: Node.provokers) {
            try FileManager.default.copyItem(atPath: Node.provokers + "/" + program, toPath: programs / program)
        }
        let monitor = try await Monitor(["events", "--first-seen", "--workload", "cgroup/driftwatch-test/*"])
        for act in Act.all {
            do {
                try await perform(act, programs)
            } catch {
                failures[act.name] = error
            }
        }
        return try await monitor.stop()
    }

    private func perform(_ act: Act, _ programs: Scratch) async throws {
        let cgroup = try Cgroup(act.name)
        let here = try furnished(act.name, programs)
        func filledIn(_ command: [String]) -> [String] {
            command.map { $0.replacing("DIR", with: here.path).replacing("BIN", with: programs.path) }
        }
        let beside = try act.beside.map { try Child(filledIn($0), directory: here.path) }
        if beside != nil { try await Task.sleep(for: .milliseconds(100)) }
        for command in act.commands {
            var words = filledIn(command)
            if FileManager.default.fileExists(atPath: programs / words[0]) { words[0] = programs / words[0] }
            let done = try await run([programs / "enter-cgroup", cgroup.path] + words, directory: here.path)
            if done.status == 77 {
                impossible.insert(act.name)
            } else if done.status != 0 {
                throw Trouble("\(act.name): \(done.errors)")
            }
        }
        // What serves would stay.
        if act.kind == "connect" { beside?.signal(SIGKILL) }
        _ = try await beside?.wait()
        note(here)
    }

    private func note(_ here: Scratch) {
        for name in ["f", "g", "d/inside", "e/inside", "new"] {
            var status = stat()
            if stat(here / name, &status) == 0 { inodes[here / name] = Int64(status.st_ino) }
        }
    }

    /// What the tables take as given.
    private func furnished(_ name: String, _ programs: Scratch) throws -> Scratch {
        let here = Scratch(name, fixed: true)
        _ = try here.write("x", to: "f")
        _ = try here.write("x", to: "g")
        _ = try here.write("x", to: "d/inside")
        _ = try here.write("x", to: "e/inside")
        let script = try here.write("#!\(programs / "nothing") option\n", to: "script")
        let nested = try here.write("#!\(script) outer\n", to: "nested")
        let magic = try here.write("driftwatch-magic", to: "magic")
        for program in [script, nested, magic] { chmod(program, 0o755) }
        symlink("d", here / "link")
        try FileManager.default.copyItem(atPath: programs / "nothing", toPath: here / "n")
        // A newline, a quote, an escape code, and a byte that is not UTF-8: beyond what a String can name.
        let odd: [CChar] = (Array(here.path.utf8) + Array("/\n\"\u{1b}[31m".utf8) + [0xff, 0]).map {
            CChar(bitPattern: $0)
        }
        close(creat(odd, 0o600))
        return here
    }
}
