import Foundation
import Testing

/// A resolver of the test's own, in some network namespace: Tests/Support/resolver.py.
struct NameServer {
    private let child: Child

    /// `zone` is read anew for each question.
    init(of pid: pid_t, at address: String, zone: String, _ files: Scratch) async throws {
        let output = files / "resolver-\(UUID().uuidString.prefix(8))"
        let words = ["nsenter", "-t", "\(pid)", "-n", "python3", Node.tests + "/Support/resolver.py", address, zone]
        child = try Child(words, output: output, errors: output + ".log")
        do {
            try await eventually("resolver at \(address)") { try read(output).hasPrefix("ready") ? true : nil }
        } catch { throw Trouble("\(error): \(try read(output + ".log"))") }
    }

    /// Gives containers a program that asks for a name.
    static func teachLookingUp() throws {
        // What is printed goes where the agent's own answers go.
        let script = Box.path + "/image/bin/look-up"
        try "#!/bin/sh\nexec /bin/busybox nslookup -type=a $1 $2 >/dev/null 2>&1\n"
            .write(toFile: script, atomically: false, encoding: .utf8)
        chmod(script, 0o755)
    }

    func stop() async throws {
        child.signal(SIGKILL)
        _ = try await child.wait()
    }
}

extension NodeTests {
    /// Peers by the names that resolvers gave them.
    @Suite(.needs("crun", "runc", "busybox", "python3", "nsenter", "unshare", "ip")) struct NameTests {
        private let files = Scratch("names")

        /// Every way in which an answer may come, asked for by glibc in a network of its own.
        @Test(.judges("connect-unasked")) func everyAnswerNamesItsPeer() async throws {
            let zone = try files.write(
                """
                api.internal 5 edge.cdn.test
                edge.cdn.test 60 127.1.0.1
                six.internal 5 ::1
                big.internal 5 127.1.0.2
                """, to: "zone")
            let settings = try files.write("nameserver 127.0.0.53\nsearch internal\n", to: "resolv.conf")
            // One that never asked gets an answer all the same.
            let unasked = try files.write(
                """
                import socket
                victim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                victim.bind(("127.0.0.1", 5300))
                forger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                forger.bind(("127.0.0.66", 53))
                question = b"\\3api\\x08internal\\0\\0\\1\\0\\1"
                forger.sendto(b"\\0\\1\\x81\\x80\\0\\1\\0\\1\\0\\0\\0\\0" + question
                              + b"\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\x3c\\0\\4\\x7f\\1\\0\\x09", victim.getsockname())
                victim.recv(512)
                socket.socket().connect_ex(("127.1.0.9", 8449))
                """, to: "unasked.py")
            let cgroup = try Cgroup("names")
            let monitor = try await Monitor(["events", "--kind", "connect", "--workload", cgroup.workload])
            try await cgroup.run(
                "unshare", "--net", "--mount", "--propagation", "private", "sh", "-ec",
                """
                ip link set lo up
                mount --bind \(settings) /etc/resolv.conf
                python3 \(Node.tests)/Support/resolver.py 127.0.0.53 \(zone) >\(files / "ready") &
                until grep -q ready \(files / "ready"); do sleep 0.1; done
                reach() {
                  python3 -c 'import socket, sys
                for found in socket.getaddrinfo(sys.argv[1], int(sys.argv[2]), type=socket.SOCK_STREAM):
                    socket.socket(found[0], found[1]).connect_ex(found[4])' $1 $2
                }
                reach api.internal 8441
                reach api 8442
                reach six 8443
                reach big.internal 8444
                python3 -c 'import socket; socket.socket().connect_ex(("127.1.0.8", 8445))'
                python3 \(unasked)
                kill $!
                """)
            try await monitor.line("the last connect") { $0["destination.port"] == 8449 }
            let lines = try await monitor.stop().filter { $0["network.transport"] == "tcp" }
            var names: [Int64: String] = [:]
            for line in lines {
                guard let port = line["destination.port"]?.integer, port != 53 else { continue }
                names[port] = line["destination.domain"]?.string ?? "none"
            }
            #expect(
                names == [
                    8441: "api.internal", 8442: "api.internal", 8443: "six.internal", 8444: "big.internal",
                    8445: "none", 8449: "none",
                ])
        }

        /// A name that is known makes its ever new addresses known; nothing else does.
        @Test(.judges("connect-named"), .judges("connect-forged"))
        func aKnownNameHasManyAddressesAndNoForger() async throws {
            let port = "8443"
            func monitor(learn: String) async throws -> Monitor {
                try await Monitor(["run", "--state", files / "state", "--learn", learn, "--workload", "oci/named"])
            }
            func baseline(_ command: String, of agent: Agent) async throws -> String {
                try await must([Monitor.command, "baseline", command, agent.workload, "--state", files / "state"])
            }
            let learning = try await monitor(learn: "1h")
            let box = try await Box.shared()
            try NameServer.teachLookingUp()
            let agent = try await Agent(box, "named")
            let zone = files / "zone"
            /// The name leads to this address from now on.
            func point(_ name: String, to address: String) throws {
                _ = try files.write("\(name) 5 edge.cdn.test\nedge.cdn.test 5 \(address)\n", to: "zone")
            }
            func lookUp(_ name: String = "api.internal", by resolver: String = "127.0.0.53") async throws {
                try await agent.order("run /bin/look-up \(name) \(resolver)")
            }
            func reach(_ address: String) async throws { try await agent.order("connect \(address) \(port)") }
            try point("api.internal", to: "127.1.0.1")
            var server = try await NameServer(of: agent.container.pid, at: "127.0.0.53", zone: zone, files)
            try await lookUp()
            try await reach("127.1.0.1")
            try await learning.stop()
            let spec = try await baseline("show", of: agent)
            #expect(spec.contains("domain: api.internal") && !spec.contains("127.1.0.1"), "\(spec)")
            _ = try await baseline("approve", of: agent)

            let monitor = try await monitor(learn: "off")
            var marks = 0
            /// Connects that were alerts so far, by address, with the name that the alert gave it.
            func alerts() async throws -> [String: String] {
                // Connects are told in their order: what came before this one has been told.
                marks += 1
                let mark = "127.1.9.\(marks)"
                try await reach(mark)
                try await monitor.line("the mark \(mark)") { $0["destination.ip"]?.string == mark }
                let all = try monitor.lines().filter { $0.rule == "connect.unexpected" }
                return Dictionary(
                    all.map { ($0["destination.ip"]?.string ?? "", $0["destination.domain"]?.string ?? "none") },
                    uniquingKeysWith: { first, _ in first }
                ).filter { !$0.key.hasPrefix("127.1.9.") }
            }

            for number in 2...4 {
                try point("api.internal", to: "127.1.0.\(number)")
                try await lookUp()
                try await reach("127.1.0.\(number)")
            }
            #expect(try await alerts() == [:], "new addresses of a known name")

            try await reach("127.1.0.99")
            #expect(try await alerts() == ["127.1.0.99": "none"], "nobody looked it up")

            try point("other.internal", to: "127.1.0.98")
            try await lookUp("other.internal")
            try await reach("127.1.0.98")
            var expected = ["127.1.0.99": "none", "127.1.0.98": "other.internal"]
            #expect(try await alerts() == expected, "another name")

            // A resolver that the workload never asked says what the forger wants.
            try point("api.internal", to: "127.1.0.97")
            let forger = try await NameServer(of: agent.container.pid, at: "127.0.0.66", zone: zone, files)
            try await lookUp(by: "127.0.0.66")
            try await reach("127.1.0.97")
            expected.merge(["127.0.0.66": "none", "127.1.0.97": "none"]) { $1 }
            #expect(try await alerts() == expected, "a forger's resolver")
            try await forger.stop()

            // So does one at the known address, once the port was opened from within.
            try await server.stop()
            try await agent.order("listen 53")
            try point("api.internal", to: "127.1.0.96")
            server = try await NameServer(of: agent.container.pid, at: "127.0.0.53", zone: zone, files)
            try await lookUp()
            try await reach("127.1.0.96")
            expected["127.1.0.96"] = "none"
            #expect(try await alerts() == expected, "an impostor")

            try await server.stop()
            try await monitor.stop()
            try await agent.stop()
        }
    }
}
