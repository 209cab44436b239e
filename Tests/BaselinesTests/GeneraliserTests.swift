import Events
import Testing

@testable import Baselines

@Suite struct GeneraliserTests {
    static let classes: [(String, String)] = [
        ("/etc/passwd", "/etc/passwd"),
        ("/proc/1234/stat", "/proc/*/stat"),
        ("/proc/12/task/13/comm", "/proc/*/task/*/comm"),
        ("/proc/self/maps", "/proc/self/maps"),
        ("/proc/1234/fd/7", "/proc/*/fd/*"),
        ("/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv4/ip_forward"),
        ("/sys/devices/system/cpu/cpu0/online", "/sys/devices/system/cpu/cpu*/online"),
        ("/dev/pts/3", "/dev/pts/*"),
        ("/dev/tty1", "/dev/tty1"),
        ("/run/user/1000/bus", "/run/user/*/bus"),
        ("pipe:[4026]", "pipe:[*]"),
        ("socket:[4026]", "socket:[*]"),
        ("memfd:runtime", "memfd:runtime"),
        ("/usr/lib/x86_64-linux-gnu/libssl.so.1.1", "/usr/lib/x86_64-linux-gnu/libssl.so.1.1"),
        ("/usr/lib/python3.11/os.py", "/usr/lib/python3.11/os.py"),
        ("/usr/lib/gcc/12/cc1", "/usr/lib/gcc/12/cc1"),
        ("/lib/libc.so.6", "/lib/libc.so.6"),
        ("/etc/ssl/certs/5ed36f99.0", "/etc/ssl/certs/*.0"),
        ("/tmp/tmp.X7kd02LmQa", "/tmp/tmp.*"),
        ("/tmp/tmpab12xy_9", "/tmp/tmp*"),
        ("/tmp/tmpqwertyui", "/tmp/tmp*"),
        ("/srv/tmpl/index.html", "/srv/tmpl/index.html"),
        ("/tmp/buildXk3f9Q/a.c", "/tmp/build*/a.c"),
        ("/tmp/notes.txt", "/tmp/notes.txt"),
        ("/tmp/worker12", "/tmp/worker12"),
        ("/var/lib/php/sessions/sess_0v7q2kd8n3m5c1r9t4b6", "/var/lib/php/sessions/sess_*"),
        ("/srv/.notes.md.swp", "/srv/.*.swp"),
        ("/var/log/access.log", "/var/log/access.log"),
        ("/var/log/access.log.1", "/var/log/access.log.*"),
        ("/var/log/access.log.12.gz", "/var/log/access.log.*"),
        ("/var/log/app-2026-11-20.log", "/var/log/app-*.log"),
        ("/var/log/app-20261120.log", "/var/log/app-*.log"),
        ("/var/backups/2026_11_20_10_11_12.tar", "/var/backups/*.tar"),
        ("/var/run/secrets/t/..2026_11_20_08_00_00.123456789/token", "/var/run/secrets/t/..*/token"),
        ("/data/6b1f2c1e-8d0a-4f3e-9a57-0c2b6d3e4f5a/x", "/data/*/x"),
        ("/data/obj-6b1f2c1e-8d0a-4f3e-9a57-0c2b6d3e4f5a.bin", "/data/obj-*.bin"),
        ("/data/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", "/data/*"),
        ("/data/deadbeef", "/data/deadbeef"),
        ("/data/deadface/x", "/data/deadface/x"),
        ("/data/base/16384/2619", "/data/base/*/*"),
        ("/data/a*b", #"/data/a\*b"#),
        (#"/data/a\b"#, #"/data/a\\b"#),
        ("/data/*/12", #"/data/\*/*"#),
    ]

    @Test(arguments: classes) func pathsBecomeClasses(_ path: String, _ pattern: String) {
        #expect(Volatile.path(path) == pattern)
        #expect(Glob.matchesPath(Volatile.path(path), path))
        // A shape is as good as what it was made of: the next one like it is known.
        #expect(Glob.faultInPath(Volatile.path(path)) == nil)
    }

    @Test(arguments: [
        ("-c", "-c"), ("ls -l /tmp/1", "ls -l /tmp/1"), ("--pid=123456", "--pid=*"), ("--port=8080", "--port=8080"),
        ("8080", "8080"), ("1700000000", "*"),
        ("/tmp/tmp.X7kd02LmQa", "/tmp/tmp.*"), ("a*", #"a\*"#), ("ID=6b1f2c1e-8d0a-4f3e-9a57-0c2b6d3e4f5a", "ID=*"),
    ]) func wordsBecomeClasses(_ word: String, _ pattern: String) { #expect(Volatile.word(word) == pattern) }

    @Test(arguments: [
        ("/bin/busybox", true), ("/bin/dash", true), ("/usr/bin/python3.11", true), ("/usr/bin/perl", true),
        ("/usr/bin/php8.2", true), ("/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", true), ("/lib/ld-2.31.so", true),
        ("/lib/ld-musl-x86_64.so.1", true), ("/usr/bin/ldd", false), ("/usr/bin/ld-tool", false),
        ("/usr/sbin/nginx", false), ("/usr/bin/pythonista", false), ("/usr/bin/ls", false), ("", false),
    ]) func argumentsAreKeptOf(_ program: String, _ kept: Bool) { #expect(Generaliser.keepsArguments(program) == kept) }

    private func paths(_ opens: [(String, Access)]) -> [String] {
        Generaliser.spec(of: opens.map { Generaliser.shape(of: open($0.0, $0.1)) }).open.map {
            "\($0.path) \($0.access.names.joined(separator: ","))"
        }
    }

    /// Names without a class: two letters each.
    private let words = (0..<40).map {
        "\(Unicode.Scalar(97 + $0 / 26 as Int)!)\(Unicode.Scalar(97 + $0 % 26 as Int)!)"
    }

    @Test func manyFilesOfADirectoryBecomeIt() {
        #expect(paths(words.map { ("/srv/www/\($0).html", .read) }) == ["/srv/www/* read"])
        #expect(paths(words.prefix(16).map { ("/srv/www/\($0).html", .read) }).count == 16)
        #expect(paths(words.map { ("/srv/www/\($0)/index", .read) }) == ["/srv/www/*/index read"])
        #expect(paths(words.map { ("/srv/www/\($0)/a/b/c", .read) }) == ["/srv/www/** read"])
    }

    @Test func accessIsNotWidenedByOthersReading() {
        #expect(
            paths(words.map { ("/srv/www/\($0)", .read) } + [("/srv/www/aa", .write)]) == [
                "/srv/www/* read", "/srv/www/aa write",
            ])
        #expect(paths([("/a/b", .read), ("/a/b", .write)]) == ["/a/b read,write"])
    }

    @Test(arguments: [
        "", "/etc", "/root/.ssh", "/home/x/.aws", "/var/run/secrets/k", "/run/secrets", "/usr/bin", "/lib",
        "/usr/lib/x", "/home", "/var/lib",
    ])
    func neverAWholeDirectoryOf(_ directory: String) {
        #expect(paths(words.map { ("\(directory)/\($0)", .read) }).count == words.count)
    }

    @Test func secretsBelowAFannedOutDirectoryStay() {
        let found = paths(words.map { ("/srv/u/\($0)/a/b/c", .read) } + [("/srv/u/.ssh/id", .read)])
        #expect(found == ["/srv/u/** read", "/srv/u/.ssh/id read"])
    }

    @Test func addresses() {
        func blocks(_ addresses: [String]) -> [String] {
            Generaliser.spec(of: addresses.map { Generaliser.shape(of: connect($0, 443)) }).connect.map(\.text)
        }
        #expect(blocks((1...8).map { "10.2.3.\($0)" }) == ["{exe: /a, cidr: 10.2.3.0/28, port: 443, transport: tcp}"])
        #expect(blocks((1...7).map { "10.2.3.\($0)" }).count == 7)
        #expect(blocks((1...20).map { "10.\($0).0.1" }).count == 20)
        #expect(blocks((1...20).map { "8.8.8.\($0)" }).count == 20)
    }

    @Test func domainsStandForTheirAddresses() {
        let spec = Generaliser.spec(
            of: [connect("1.2.3.4", 443, "API.internal"), connect("1.2.3.5", 443, "api.internal.")].map(
                Generaliser.shape))
        #expect(spec.connect.map(\.text) == ["{exe: /a, domain: api.internal, port: 443, transport: tcp}"])
        #expect(BaselineIndex(spec).knows(connect("9.9.9.9", 443, "api.internal")))
    }

    @Test func ports() {
        let spec = Generaliser.spec(
            of: [listen(40_000, .udp), listen(50_000, .udp), listen(80), listen(40_000)].map(Generaliser.shape))
        #expect(
            spec.listen.map(\.text) == [
                "{exe: /a, port: 80, transport: tcp}", "{exe: /a, port: 32768-60999, transport: udp}",
                "{exe: /a, port: 40000, transport: tcp}",
            ])
    }

    @Test func severalPortsOfTheKernelsChoiceAreAny() {
        let spec = Generaliser.spec(of: [40_000, 41_000, 42_000, 80].map { Generaliser.shape(of: listen($0)) })
        #expect(
            spec.listen.map(\.text) == [
                "{exe: /a, port: 80, transport: tcp}", "{exe: /a, port: 32768-60999, transport: tcp}",
            ])
    }

    @Test func localesAreOneEntry() {
        #expect(
            paths([("/usr/lib/locale/C.utf8/LC_CTYPE", .read), ("/usr/lib/locale/C.utf8/LC_TIME", .read)]) == [
                "/usr/lib/locale/** read"
            ])
        #expect(paths([("/usr/lib/locale/x", .write)]) == ["/usr/lib/locale/x write"])
    }

    @Test func onlyProgramsThatAreInterpretersKeepWords() {
        let spec = Generaliser.spec(
            of: [exec("/bin/dash", by: "/a", "sh", "-c", "ls *"), exec("/bin/ls", by: "/a", "ls", "-l")].map(
                Generaliser.shape))
        #expect(
            spec.exec.map(\.text) == [
                #"{exe: /bin/dash, parent: /a, args: [sh, -c, "ls \\*"]}"#, "{exe: /bin/ls, parent: /a}",
            ])
    }

    @Test func scriptsAreNeverAny() {
        let scripts = words.map { exec("/bin/dash", by: "/a", "sh", "-c", $0) }
        #expect(Generaliser.spec(of: scripts.map(Generaliser.shape)).exec.count == words.count)
        let applets = words.map { exec("/bin/busybox", by: "/a", "cat", $0) }
        #expect(
            Generaliser.spec(of: applets.map(Generaliser.shape)).exec.map(\.text) == [
                #"{exe: /bin/busybox, parent: /a, args: [cat, "*"]}"#
            ])
    }

    /// What was learned is known, whatever it was: the promise to an unchanged workload.
    @Test func whatWasLearnedIsKnown() throws {
        var random = SplitMix(state: 3)
        let parts = [
            "a", "b.log.1", "tmp.Ab12Cd34Ef", "1234", "x*y", "\\", "**", "2026-11-20", "sess_0v7q2kd8n3m5c1r9t4b6", "é",
            " ", "\n", "proc", "etc", "lib.so.1", "{", "'",
        ]
        func pick() -> String { parts[Int(random.next() % UInt64(parts.count))] }
        for _ in 0..<100 {
            let behaviours = (0..<60).flatMap { _ -> [Behaviour] in
                let path = "/" + (0...Int(random.next() % 4)).map { _ in pick() }.joined(separator: "/")
                return [
                    open(path, Access(rawValue: UInt32(1 + random.next() % 63)), by: "/e" + pick()),
                    exec("/bin/sh", by: path, pick(), pick(), pick()), unix(path),
                    unix("@" + pick()),
                    connect("10.0.\(random.next() % 3).\(random.next() % 256)", UInt16(random.next() % 3)),
                    listen(UInt16(truncatingIfNeeded: random.next()), .udp),
                ]
            }
            let spec = Generaliser.spec(of: behaviours.map(Generaliser.shape))
            let read = try BaselineFile.parseSpec(BaselineWriter.lists(spec))
            #expect(read == spec)
            let index = BaselineIndex(read)
            for behaviour in behaviours { #expect(index.knows(behaviour), "\(behaviour)") }
        }
    }
}
