import Companions
import Events
import Foundation
import Testing

@testable import Workloads

@Suite struct SnapshotTests {
    @Test func listenersAndPeersOfATable() {
        let tcp = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1 0 100 0
               1: 0100007F:1F90 0200A8C0:01BB 01 00000000:00000000 00:00000000 00000000     0        0 12 1 0 100 0
               2: 0100007F:1F90 0200A8C0:01BB 06 00000000:00000000 00:00000000 00000000     0        0 0 1 0 100 0
               3: nonsense
            """
        let sockets = Sockets(tcp, .tcp)
        let loopback = SocketAddress(ip: IPAddress(v4: 127, 0, 0, 1), port: 8080)
        #expect(sockets.listening == [11: Listen(address: loopback, transport: .tcp)])
        #expect(sockets.peers == [12: SocketAddress(ip: IPAddress(v4: 192, 168, 0, 2), port: 443)])

        let six = """
            head
            0: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 07 0:0 00:0 0 0 0 13 2
            1: 0000000000000000FFFF00000100007F:0035 0000000000000000FFFF00000100007F:0036 01 0:0 00:0 0 0 0 14 2
            """
        let udp = Sockets(six, .udp)
        #expect(udp.listening[13] == Listen(address: SocketAddress(ip: IPAddress("::1")!, port: 53), transport: .udp))
        #expect(udp.peers[14] == SocketAddress(ip: IPAddress(v4: 127, 0, 0, 1), port: 54))
    }

    @Test(
        arguments: [
            ("0100000", [.read]), ("0100001", [.write]), ("0102002", [.read, .write, .append]), ("012000000", [.path]),
            ("no number", [.read]),
        ] as [(String, Access)])
    func accessOfADescriptor(_ flags: String, _ access: Access) {
        let info = HeldFiles.Info("pos:\t0\nflags:\t\(flags)\nmnt_id:\t29\nino:\t7\n")
        #expect(info.access == access && info.mount == 29)
    }

    /// As the kernel half would have told them: bounded, and in the reading that lossy fields have.
    @Test func wordsOfARunningProcess() throws {
        let child = try Companion([
            "/bin/sh", "-c", #"exec sh -c 'echo; read x' sh "$(printf 'a\377')" "$0""#,
            String(repeating: "x", count: 20_000),
        ])
        _ = child.line()
        let hierarchy = Hierarchy(version: .v2, mountPoint: "/sys/fs/cgroup")
        let words = try #require(ProcessSnapshot.process(UInt32(child.pid), hierarchy)).words
        #expect(words.argumentCount == 6 && words.arguments.count == 6 && words.arguments[4] == "aÿ")
        #expect((8000..<8192).contains(words.arguments[5].utf8.count))
        #expect(words.isTruncated && words.isLossy)
    }

    /// A process that holds one file, one that has lost its name, and a port.
    @Test func whatAProcessHolds() throws {
        let file = NSTemporaryDirectory() + "held-\(getpid())"
        let script =
            "import socket,time;s=socket.create_server((\"127.0.0.1\",0));f=open(\"\(file)\",\"a\");"
            + "g=open(\"\(file).gone\",\"w\");import os;os.unlink(\"\(file).gone\");print(s.getsockname()[1],flush=True);"
            + "time.sleep(60)"
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/python3") else { return }
        let child = try Companion(["/usr/bin/python3", "-c", script])
        defer { unlink(file) }
        let port = try #require(UInt16(child.line()))
        let hierarchy = try Hierarchy.current()
        let running = try #require(ProcessSnapshot.process(UInt32(child.pid), hierarchy))
        var reader = ProcessReader([running], withFiles: true)
        let read = reader.read(running)
        let found = try #require(read)
        #expect(
            found.listens == [
                Listen(address: SocketAddress(ip: IPAddress(v4: 127, 0, 0, 1), port: port), transport: .tcp)
            ])
        let held = try #require(found.files.first { $0.path.text == file })
        #expect(held.access == [.append, .write] && held.path.flags.isEmpty)
        #expect(found.files.first { $0.path.text == file + ".gone" }?.path.flags == .unlinked)
        #expect(found.exec.arguments == ["/usr/bin/python3", "-c", script] && found.exec.flags.isEmpty)

        var other = running
        other.start -= ProcessSnapshot.tick
        let another = reader.read(other)
        #expect(another == nil, "its number was another's")
    }
}

@Suite struct ProcessTreeTests {
    private func name(_ pid: UInt32) -> ProcessName { ProcessName(pid: pid, start: UInt64(pid) * 1_000_000_003) }

    private func actor(_ pid: UInt32, below parent: UInt32) -> Actor {
        Actor(
            process: name(pid), parent: name(parent), cgroup: 1, exec: UInt64(pid), parentExec: UInt64(parent),
            executable: ResolvedPath("/bin/a"))
    }

    private func exec(_ actor: Actor, below above: [UInt32], login: UInt32?) -> Event {
        let lineage = Lineage(
            ancestors: above.map { .init(process: name($0), exec: UInt64($0), cgroup: 1) },
            login: Lineage.Login(uid: login))
        return Event(
            time: 1, key: BehaviourKey(high: 0, low: 0), actor: actor,
            act: .exec(Exec(filename: "/bin/a", arguments: ["a"], lineage: lineage)))
    }

    /// What one exec told of those above it serves others' acts, also of processes that never executed.
    @Test func familyIsPutTogether() {
        var tree = ProcessTree()
        tree.note(exec(actor(1_000_050, below: 1_000_040), below: [1_000_030, 1_000_020], login: 1000))
        let forked = actor(1_000_060, below: 1_000_050)
        let above = tree.above(forked)
        #expect(above.map(\.process.pid) == [1_000_050, 1_000_040, 1_000_030, 1_000_020])
        #expect(above.map(\.exec) == [1_000_050, 1_000_040, 1_000_030, 1_000_020])
        #expect(tree.login(forked, above: above).uid == 1000)
        #expect(tree.login(actor(1_000_070, below: 1_000_020), above: []) == .nobody)
    }

    @Test(
        arguments: [(0, nil), (34816, "pts/0"), (34818, "pts/2"), (1025, "tty1"), (1088, "ttyS0"), (1, nil)]
            as [(Int, String?)])
    func terminals(_ device: Int, _ name: String?) throws {
        let stat = "7 (a b) c) S 1 7 7 \(device) 7 0 0 0 0 0 0 0 0 0 20 0 1 0 99 0"
        #expect(try #require(ProcessSnapshot.Stat(stat)).terminal == name)
    }
}
