import Foundation
import Testing

/// One thing done by a provoker, in a directory and a cgroup named after the case.
struct Act: Sendable, CustomTestStringConvertible {
    let name: String
    /// Kind of the lines compared.
    let kind: String
    /// Commands run in the case's directory; a `provoker` is found beside the others.
    let commands: [[String]]
    /// Only lines of this executable's last component are compared; nil: of any of the provokers.
    var executable: String?
    /// A tier with this gap sees nothing of it.
    var gap: String?

    var testDescription: String { name }

    init(_ kind: String, _ name: String, by executable: String? = nil, gap: String? = nil, _ commands: [String]...) {
        self.kind = kind
        self.gap = gap
        self.name = "\(kind)-\(name)"
        self.executable = executable
        self.commands = commands
    }
}

extension Act {
    /// Every way to open a file that ends at the same place in the kernel; `f` is there, `d` is a directory.
    static let opens: [Act] =
        ["open", "openat", "openat2", "handle", "open32", "openat32"]
        .map { Act("open", $0, ["open", $0, "DIR/f", "read"]) }
        + ["io_uring", "io_uring_async"].map { Act("open", $0, gap: "io-uring-open", ["open", $0, "DIR/f", "read"]) }
        + [
            Act("open", "creat", ["open", "creat", "DIR/new"]),
            Act("open", "write", ["open", "openat", "DIR/f", "write"]),
            Act("open", "append", ["open", "openat", "DIR/f", "write", "append"]),
            Act("open", "truncating", ["open", "openat", "DIR/f", "write", "trunc"]),
            Act("open", "both", ["open", "openat", "DIR/f", "both"]),
            Act("open", "read-then-write", ["open", "openat", "DIR/f", "read"], ["open", "openat", "DIR/f", "write"]),
            Act("open", "tmpfile", ["open", "openat", "DIR/d", "tmpfile", "both"]),
            Act("open", "directory", ["open", "openat", "DIR/d", "directory"]),
            Act("open", "as-path", ["open", "openat", "DIR/f", "path"]),
            Act("open", "reopened", ["reopen", "DIR/f"]),
            Act("open", "renamed", ["rename-open", "DIR/f", "DIR/g"]),
            Act("open", "chroot", ["chroot-open", "DIR", "/f"]),
            Act("open", "by-child", ["fork-open", "DIR/f"]),
            Act("open", "relative", ["open", "openat", "d/../f", "read"]),
            Act("open", "through-symlink", ["open", "openat", "DIR/link/../f", "read"]),
            Act("open", "odd-name", ["open", "openat", "DIR/odd", "read"]),
            Act("open", "deep", ["deep-open", "DIR/d", "19"]),
            Act("open", "too-deep", ["deep-open", "DIR/d", "25"]),
        ]

    static let execs: [Act] = [
        Act("exec", "plain", ["nothing"]),
        Act("exec", "symlink", by: "nothing", ["exec", "symlink", "BIN/nothing", "DIR/l"]),
        Act("exec", "hardlink", by: "h", ["exec", "hardlink", "DIR/n", "DIR/h"]),
        Act("exec", "memfd", by: "memfd:payload", ["exec", "memfd", "BIN/nothing"]),
        Act("exec", "memfd-proc", by: "memfd:payload", ["exec", "memfd-proc", "BIN/nothing"]),
        Act("exec", "tmpfile", by: "#", ["exec", "tmpfile", "BIN/nothing", "DIR/d"]),
        Act("exec", "deleted", by: "c", ["exec", "deleted", "BIN/nothing", "DIR/c"]),
        Act("exec", "exec32", by: "nothing", ["exec", "exec32", "BIN/nothing"]),
        Act("exec", "many-words", by: "nothing", ["exec", "many", "BIN/nothing", "100"]),
        Act("exec", "odd-words", by: "nothing", ["exec", "plain", "BIN/nothing", "a\nb", "\"", "\u{1b}[31m", "ü"]),
        Act("exec", "script", by: "nothing", ["DIR/script", "word"]),
        Act("exec", "deep", by: "t", ["exec-deep", "BIN/nothing", "DIR/d", "19"]),
        Act("exec", "too-deep", by: "t", ["exec-deep", "BIN/nothing", "DIR/d", "25"]),
    ]

    static let connects: [Act] =
        [
            "block", "nonblock", "fastopen", "udp", "sendto", "sendmsg", "sendmmsg", "mptcp", "connect32", "io_uring",
        ].map { Act("connect", $0, ["connect", $0, "127.0.0.1", "47110"]) } + [
            Act("connect", "v6", ["connect", "block", "::1", "47110"]),
            Act("connect", "v4-in-v6", ["connect", "block", "::ffff:127.0.0.1", "47110"]),
            Act("connect", "v4-in-v6-datagram", ["connect", "sendto", "::ffff:127.0.0.1", "47110"]),
            Act("connect", "unix", ["connect", "unix", "DIR/socket"]),
            Act("connect", "abstract", ["connect", "unix", "@driftwatch-test"]),
        ]

    static let listens: [Act] = ["tcp", "tcp6", "udp", "udp6", "mptcp"]
        .map { Act("listen", $0, ["listen", $0, "47111"]) }
}

/// All acts, done once under one monitor.
private actor Recording {
    static let shared = Recording()
    private var task: Task<[Line], any Error>?
    private var impossible: Set<String> = []

    /// The kernel itself cannot do it.
    func isImpossible(_ act: Act) -> Bool { impossible.contains(act.name) }

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
        for act in Act.opens + Act.execs + Act.connects + Act.listens {
            try await perform(act, programs)
        }
        return try await monitor.stop()
    }

    private func perform(_ act: Act, _ programs: Scratch) async throws {
        let cgroup = try Cgroup(act.name)
        let here = Scratch(act.name, fixed: true)
        _ = try here.write("x", to: "f")
        _ = try here.write("x", to: "d/inside")
        let script = try here.write("#!\(programs / "nothing") option\n", to: "script")
        chmod(script, 0o755)
        symlink("d", here / "link")
        try FileManager.default.copyItem(atPath: programs / "nothing", toPath: here / "n")
        // A newline, a quote, an escape code, and a byte that is not UTF-8: beyond what a String can name.
        let odd: [CChar] = (Array(here.path.utf8) + Array("/\n\"\u{1b}[31m".utf8) + [0xff, 0]).map {
            CChar(bitPattern: $0)
        }
        close(creat(odd, 0o600))
        var server: Child?
        if let name = act.commands[0].dropFirst(2).first, act.commands[0][1] == "unix" {
            server = try Child([
                programs / "listen", "unix", name.replacingOccurrences(of: "DIR", with: here.path), "1",
            ])
            try await Task.sleep(for: .milliseconds(100))
        }
        for command in act.commands {
            var words = command.map {
                $0.replacingOccurrences(of: "DIR", with: here.path).replacingOccurrences(of: "BIN", with: programs.path)
            }
            if !words[0].contains("/") { words[0] = programs / words[0] }
            if words.contains(where: { $0.hasSuffix("/odd") }) {
                // Handed over by the shell's own globbing, byte for byte.
                words = ["/bin/sh", "-c", "exec \(programs / "open") openat \(here.path)/*31m* read"]
            }
            let done = try await run([programs / "enter-cgroup", cgroup.path] + words, directory: here.path)
            if done.status == 77 {
                impossible.insert(act.name)
            } else if done.status != 0 {
                throw Trouble("\(act.name): \(done.errors)")
            }
        }
        _ = try await server?.wait()
    }
}

extension NodeTests {
    /// Each act of a provoker, whatever way into the kernel it takes, is the line that was promised.
    @Suite struct EventTests {
        @Test(arguments: Act.opens)
        func open(_ act: Act) async throws { try await compare(act) }

        @Test(arguments: Act.execs)
        func exec(_ act: Act) async throws { try await compare(act) }

        @Test(arguments: Act.connects)
        func connect(_ act: Act) async throws { try await compare(act) }

        @Test(arguments: Act.listens)
        func listen(_ act: Act) async throws { try await compare(act) }

        private func compare(_ act: Act) async throws {
            let workload = "cgroup/driftwatch-test/" + act.name
            let recorded = try await Recording.shared.lines()
            if await Recording.shared.isImpossible(act) {
                print("\(act.name): this kernel cannot do it")
                return
            }
            let all = recorded.filter { $0.workload == workload && $0.action == act.kind }
            let lines = all.filter { line in
                let name = line.executable.split(separator: "/").last.map(String.init) ?? ""
                if let wanted = act.executable { return wanted == "#" ? name.hasPrefix("#") : name == wanted }
                guard line.executable.hasPrefix("/tmp/driftwatch-node/bin/"), name != "enter-cgroup" else {
                    return false
                }
                // What is opened besides, by every program, is no part of the case.
                return act.kind != "open" || line.file.contains(act.name) || line.file.hasSuffix("/f")
            }
            let gaps = recorded.last?["driftwatch.gaps"]?.array?.compactMap { Line(json: $0)["id"]?.string } ?? []
            if let gap = act.gap, gaps.contains(gap) {
                #expect(lines.isEmpty, "seen in spite of the gap \(gap)")
                return
            }
            try Golden.expect(lines, of: workload, in: "events/\(act.kind).jsonl", gaps: gaps)
        }
    }
}
