import Events
import Testing

@testable import Baselines

struct Match: Sendable, CustomTestStringConvertible {
    var name: String
    var entry: String
    var behaviour: Behaviour
    var known: Bool
    var testDescription: String { name }

    init(_ name: String, _ entry: String, _ behaviour: Behaviour, _ known: Bool) {
        self.name = name
        self.entry = entry
        self.behaviour = behaviour
        self.known = known
    }
}

func open(_ path: String, _ access: Access = .read, by exe: String = "/a") -> Behaviour {
    .open(OpenBehaviour(executable: exe, path: path, access: access))
}
func exec(_ exe: String, by parent: String = "/p", _ words: String...) -> Behaviour {
    .exec(ExecBehaviour(executable: exe, parent: parent, arguments: words))
}
func connect(_ ip: String, _ port: UInt16, _ domain: String? = nil, _ transport: Transport = .tcp) -> Behaviour {
    .connect(
        ConnectBehaviour(
            executable: "/a", peer: .ip(SocketAddress(ip: IPAddress(ip)!, port: port), domain: domain),
            transport: transport))
}
func unix(_ path: String) -> Behaviour {
    .connect(ConnectBehaviour(executable: "/a", peer: .unix(path), transport: .unix))
}
func socket(_ transport: Transport) -> Behaviour {
    .connect(ConnectBehaviour(executable: "/a", peer: .unseen, transport: transport))
}
func listen(_ port: UInt16, _ transport: Transport = .tcp) -> Behaviour {
    .listen(ListenBehaviour(executable: "/a", port: port, transport: transport))
}

private func opens(_ path: String, _ access: String = "read", exe: String = "/a") -> String {
    "open: [{exe: '\(exe)', path: '\(path)', access: [\(access)]}]"
}

@Suite struct IndexTests {
    static let cases: [Match] = [
        Match("exact path", opens("/etc/x"), open("/etc/x"), true),
        Match("other path", opens("/etc/x"), open("/etc/y"), false),
        Match("longer path", opens("/etc/x"), open("/etc/x/y"), false),
        Match("other program", opens("/etc/x"), open("/etc/x", by: "/b"), false),
        Match("more access", opens("/etc/x"), open("/etc/x", [.read, .write]), false),
        Match("less access", opens("/etc/x", "read, write"), open("/etc/x", .write), true),
        Match(
            "access from two entries",
            "open: [{exe: /a, path: /b/c, access: [read]}, {exe: '*', path: /b/*, access: [write]}]",
            open("/b/c", [.read, .write]), true),
        Match("star is one segment", opens("/var/*/log"), open("/var/a/log"), true),
        Match("star is not two", opens("/var/*/log"), open("/var/a/b/log"), false),
        Match("star is not none", opens("/var/*"), open("/var"), false),
        Match("star at the end is one", opens("/var/*"), open("/var/a/b"), false),
        Match("star within", opens("/var/*.log"), open("/var/a.log"), true),
        Match("star within, nothing", opens("/var/a*.log"), open("/var/a.log"), true),
        Match("star within crosses nothing", opens("/var/*.log"), open("/var/b/a.log"), false),
        Match("overlapping ends", opens("/v/ab*ba"), open("/v/aba"), false),
        Match("two stars within", opens("/v/a*b*c"), open("/v/a1b2c"), true),
        Match("two stars within, wrong middle", opens("/v/a*b*c"), open("/v/a12c"), false),
        Match("everything below", opens("/etc/nginx/**"), open("/etc/nginx/conf.d/a.conf"), true),
        Match("the directory itself", opens("/etc/nginx/**"), open("/etc/nginx"), true),
        Match("not its neighbour", opens("/etc/nginx/**"), open("/etc/nginx.bak"), false),
        Match("deep in the middle, none", opens("/a/**/z"), open("/a/z"), true),
        Match("deep in the middle, many", opens("/a/**/z"), open("/a/b/c/z"), true),
        Match("deep twice", opens("/**/b/**/z"), open("/x/b/y/b/z"), true),
        Match("deep, no end", opens("/a/**/z"), open("/a/b/c"), false),
        Match("root", opens("/**"), open("/"), true),
        Match("root exact", opens("/"), open("/"), true),
        Match("literal star", opens(#"/a/\*"#), open("/a/*"), true),
        Match("literal star is none else", opens(#"/a/\*"#), open("/a/b"), false),
        Match("literal backslash", opens(#"/a/\\x"#), open(#"/a/\x"#), true),
        Match("a character of a word", opens(#"/a/x\w\w.s"#), open("/a/x_9.s"), true),
        Match("one character each", opens(#"/a/x\w\w.s"#), open("/a/x123.s"), false),
        Match("no dot", opens(#"/a/\w\w\w"#), open("/a/a.b"), false),
        Match("beside a star", opens(#"/a/\w*.\w"#), open("/a/ab.c.d"), true),
        Match("a backslash and a letter", opens(#"/a/\\w"#), open(#"/a/\w"#), true),
        Match("backslash before another", opens(#"/a/\x*"#), open(#"/a/\xy"#), true),
        Match("question mark is itself", opens("/a/?"), open("/a/b"), false),
        Match("brackets are themselves", opens("pipe:[*]"), open("pipe:[123]"), true),
        Match("memfd", opens("memfd:x"), open("memfd:x"), true),
        Match("any program", opens("/x", exe: "*"), open("/x", by: "/usr/bin/q"), true),
        Match("program by glob", opens("/x", exe: "/usr/bin/py*"), open("/x", by: "/usr/bin/python3"), true),
        Match("program by glob, other", opens("/x", exe: "/usr/bin/py*"), open("/x", by: "/usr/bin/perl"), false),
        Match("program by deep glob", opens("/x", exe: "/opt/**"), open("/x", by: "/opt/a/b/c"), true),
        Match("canonically equal is not equal", opens("/e\u{301}"), open("/\u{e9}"), false),

        Match("exec, any words", "exec: [{exe: /a, parent: /p}]", exec("/a", "a", "b"), true),
        Match("exec, other parent", "exec: [{exe: /a, parent: /p}]", exec("/a", by: "/q", "a"), false),
        Match("exec, any parent", "exec: [{exe: /a}]", exec("/a", by: "/q", "a"), true),
        Match("exec, parent star", "exec: [{exe: /a, parent: '*'}]", exec("/a", by: "", "a"), true),
        Match("exec, parent glob", "exec: [{exe: /a, parent: /usr/*/p}]", exec("/a", by: "/usr/bin/p"), true),
        Match("exec, words", "exec: [{exe: /a, args: [sh, -c, ls]}]", exec("/a", "sh", "-c", "ls"), true),
        Match("exec, another word", "exec: [{exe: /a, args: [sh, -c, ls]}]", exec("/a", "sh", "-c", "id"), false),
        Match("exec, a word more", "exec: [{exe: /a, args: [sh, -c, ls]}]", exec("/a", "sh", "-c", "ls", "x"), false),
        Match("exec, a word less", "exec: [{exe: /a, args: [sh, -c, ls]}]", exec("/a", "sh", "-c"), false),
        Match(
            "exec, star in a word", "exec: [{exe: /a, args: [sh, -c, 'logrotate *']}]",
            exec("/a", "sh", "-c", "logrotate daily"), true),
        Match(
            "exec, star in a word stays within a segment", "exec: [{exe: /a, args: [sh, -c, 'logrotate *']}]",
            exec("/a", "sh", "-c", "logrotate a; /bin/nc"), false),
        Match(
            "exec, deep star in a word", "exec: [{exe: /a, args: [sh, -c, 'logrotate **']}]",
            exec("/a", "sh", "-c", "logrotate /etc/l.conf"), true),
        Match(
            "exec, literal star in a word", #"exec: [{exe: /a, args: [sh, -c, 'ls \*']}]"#,
            exec("/a", "sh", "-c", "ls *"), true),
        Match(
            "exec, literal star is no star", #"exec: [{exe: /a, args: [sh, -c, 'ls \*']}]"#,
            exec("/a", "sh", "-c", "ls x"), false),
        Match("exec, any one word", "exec: [{exe: /a, args: [cat, '*']}]", exec("/a", "cat", "/etc/hosts"), true),
        Match("exec, any one word is one", "exec: [{exe: /a, args: [cat, '*']}]", exec("/a", "cat", "a", "b"), false),
        Match("exec, any further words", "exec: [{exe: /a, args: [cat, '**']}]", exec("/a", "cat", "a", "/b"), true),
        Match("exec, no further words", "exec: [{exe: /a, args: [cat, '**']}]", exec("/a", "cat"), true),
        Match("exec, no words at all", "exec: [{exe: /a, args: []}]", exec("/a"), true),
        Match("exec, number as a word", "exec: [{exe: /a, args: [sleep, 5]}]", exec("/a", "sleep", "5"), true),

        Match(
            "block", "connect: [{exe: /a, cidr: 10.2.0.0/16, port: 5432, transport: tcp}]", connect("10.2.3.4", 5432),
            true),
        Match(
            "block with bits set", "connect: [{exe: /a, cidr: 10.2.3.4/16, port: 5432, transport: tcp}]",
            connect("10.2.9.9", 5432), true),
        Match(
            "outside the block", "connect: [{exe: /a, cidr: 10.2.0.0/16, port: 5432, transport: tcp}]",
            connect("10.3.3.4", 5432), false),
        Match(
            "other port", "connect: [{exe: /a, cidr: 10.2.0.0/16, port: 5432, transport: tcp}]",
            connect("10.2.3.4", 5433), false),
        Match(
            "other transport", "connect: [{exe: /a, cidr: 10.2.0.0/16, port: 53, transport: tcp}]",
            connect("10.2.3.4", 53, nil, .udp), false),
        Match("any port", "connect: [{exe: /a, cidr: 10.2.0.0/16, transport: tcp}]", connect("10.2.3.4", 1), true),
        Match(
            "any transport", "connect: [{exe: /a, cidr: 10.2.0.0/16, port: 53}]", connect("10.2.3.4", 53, nil, .udp),
            true),
        Match(
            "one address", "connect: [{exe: /a, cidr: 10.2.3.4, port: 1, transport: tcp}]", connect("10.2.3.4", 1), true
        ),
        Match(
            "one address, other", "connect: [{exe: /a, cidr: 10.2.3.4, port: 1, transport: tcp}]",
            connect("10.2.3.5", 1), false),
        Match("class", "connect: [{exe: /a, class: private, port: 1, transport: tcp}]", connect("172.16.9.9", 1), true),
        Match("class of IPv6", "connect: [{exe: /a, class: private, port: 1}]", connect("fd00::1", 1), true),
        Match("other class", "connect: [{exe: /a, class: private, port: 1}]", connect("8.8.8.8", 1), false),
        Match("class, other port", "connect: [{exe: /a, class: public, port: 1}]", connect("8.8.8.8", 2), false),
        Match("class, any port", "connect: [{exe: /a, class: loopback}]", connect("127.1.2.3", 2), true),
        Match("class, other program", "connect: [{exe: /b, class: public, port: 1}]", connect("8.8.8.8", 1), false),
        Match(
            "ipv6 block", "connect: [{exe: /a, cidr: '2001:db8::/32', port: 1, transport: tcp}]",
            connect("2001:db8:1::9", 1), true),
        Match(
            "ipv4 is not in ::/0", "connect: [{exe: /a, cidr: '::/0', port: 1, transport: tcp}]",
            connect("10.2.3.4", 1), false),
        Match(
            "everything", "connect: [{exe: /a, cidr: 0.0.0.0/0, port: 1, transport: tcp}]", connect("8.8.8.8", 1), true),
        Match(
            "odd prefix", "connect: [{exe: /a, cidr: 10.2.16.0/20, port: 1, transport: tcp}]",
            connect("10.2.31.255", 1), true),
        Match(
            "odd prefix, outside", "connect: [{exe: /a, cidr: 10.2.16.0/20, port: 1, transport: tcp}]",
            connect("10.2.32.0", 1), false),
        Match(
            "domain", "connect: [{exe: /a, domain: api.internal, port: 443, transport: tcp}]",
            connect("1.2.3.4", 443, "api.internal"), true),
        Match(
            "domain in capitals, with a dot", "connect: [{exe: /a, domain: API.internal, port: 443, transport: tcp}]",
            connect("1.2.3.4", 443, "api.INTERNAL."), true),
        Match(
            "address without its domain", "connect: [{exe: /a, domain: api.internal, port: 443, transport: tcp}]",
            connect("1.2.3.4", 443), false),
        Match(
            "domain known, address allowed", "connect: [{exe: /a, cidr: 1.2.3.4, port: 443, transport: tcp}]",
            connect("1.2.3.4", 443, "x.y"), true),
        Match(
            "one label", "connect: [{exe: /a, domain: '*.internal', port: 443, transport: tcp}]",
            connect("1.2.3.4", 443, "api.internal"), true),
        Match(
            "one label is not two", "connect: [{exe: /a, domain: '*.internal', port: 443, transport: tcp}]",
            connect("1.2.3.4", 443, "a.b.internal"), false),
        Match(
            "any labels", "connect: [{exe: /a, domain: '**.internal', port: 443, transport: tcp}]",
            connect("1.2.3.4", 443, "a.b.internal"), true),
        Match(
            "any labels, other port", "connect: [{exe: /a, domain: '**.internal', port: 443, transport: tcp}]",
            connect("1.2.3.4", 80, "a.b.internal"), false),
        Match("unix", "connect: [{exe: /a, path: /run/x.sock, transport: unix}]", unix("/run/x.sock"), true),
        Match("unix by glob", "connect: [{exe: /a, path: /run/*.sock, transport: unix}]", unix("/run/x.sock"), true),
        Match("socket", "connect: [{exe: /a, transport: raw}]", socket(.raw), true),
        Match("other socket", "connect: [{exe: /a, transport: raw}]", socket(.packet), false),
        Match("socket by number", "connect: [{exe: /a, transport: af-27}]", socket(.family(27)), true),
        Match("socket, not its peers", "connect: [{exe: /a, transport: sctp}]", connect("::1", 7, nil, .sctp), false),
        Match("peers, not the socket", "connect: [{exe: /a, cidr: '::/0', transport: sctp}]", socket(.sctp), false),
        Match("socket of any program", "connect: [{exe: '*', transport: vsock}]", socket(.vsock), true),
        Match("abstract", "connect: [{exe: /a, path: '@x', transport: unix}]", unix("@x"), true),
        Match("abstract by glob", "connect: [{exe: /a, path: '@/tmp/dbus-*'}]", unix("@/tmp/dbus-Ab1"), true),
        Match("listen", "listen: [{exe: /a, port: 80, transport: tcp}]", listen(80), true),
        Match("listen, other port", "listen: [{exe: /a, port: 80, transport: tcp}]", listen(81), false),
        Match(
            "listen, range", "listen: [{exe: /a, port: 80-90, transport: tcp}, {exe: /a, port: 85-99, transport: tcp}]",
            listen(95), true),
        Match("listen, above the range", "listen: [{exe: /a, port: 80-90, transport: tcp}]", listen(91), false),
        Match("listen, below the range", "listen: [{exe: /a, port: 80-90, transport: tcp}]", listen(79), false),
        Match("listen, any port", "listen: [{exe: /a, transport: tcp}]", listen(9), true),
        Match("nothing is known of nothing", "{}", open("/x"), false),
    ]

    @Test(arguments: cases) func knows(_ match: Match) throws {
        let spec = try BaselineFile.parseSpec(match.entry)
        #expect(BaselineIndex(spec).knows(match.behaviour) == match.known)
    }

    /// The slow reading of the globs, which explanations use, and the index must agree.
    @Test func agreesWithTheGlobsOneByOne() {
        var random = SplitMix(state: 11)
        let parts = ["a", "b", "ab", "*", "**", "a*", "*b", "a*b", "*a*", "\\*", "x\\\\"]
        let names = ["a", "b", "ab", "aab", "ba", "*", "x\\", "aXb"]
        func pick(_ from: [String]) -> String { from[Int(random.next() % UInt64(from.count))] }
        for _ in 0..<300 {
            let patterns = (0..<6).map { _ in
                "/" + (0...Int(random.next() % 4)).map { _ in pick(parts) }.joined(separator: "/")
            }
            let index = BaselineIndex(
                BaselineSpec(open: patterns.map { OpenEntry(executable: "/e", path: $0, access: .read) }))
            for _ in 0..<40 {
                let path = "/" + (0...Int(random.next() % 4)).map { _ in pick(names) }.joined(separator: "/")
                let slow = patterns.contains { Glob.matchesPath($0, path) }
                #expect(index.knows(open(path, by: "/e")) == slow, "\(patterns) \(path)")
            }
        }
    }
}
