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
        // Wholly made up: each character stands for itself, so that it is not any file of the directory.
        ("/tmp/s3qzpqvd", #"/tmp/\w\w\w\w\w\w\w\w"#),
        ("/tmp/a_3x5bcd.json", #"/tmp/\w\w\w\w\w\w\w\w.json"#),
        ("/var/tmp/aB3xQ9", #"/var/tmp/\w\w\w\w\w\w"#),
        ("/tmp/ccabcdef.s", #"/tmp/cc\w\w\w\w\w\w.s"#),
        ("/tmp/md5_list", "/tmp/md5_list"),
        ("/tmp/front.so", "/tmp/front.so"),
        ("/srv/s3qzpqvd", "/srv/s3qzpqvd"),
        ("/tmp/upload-aB3xQ9.part", "/tmp/upload-*.part"),
        ("/tmp/buildXk3f9Q.log", "/tmp/build*.log"),
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

    /// Where data lie, numbers of any length count something; elsewhere they are part of a name.
    static let counted: [(String, String)] = [
        ("/data/base/5/pg_internal.init.257", "/data/base/*/pg_internal.init.*"),
        ("/data/base/5/1_fsm", "/data/base/*/*_fsm"),
        ("/var/lib/db/appendonly.aof.42.incr.aof", "/var/lib/db/appendonly.aof.*.incr.aof"),
        ("/var/lib/db/temp-57.rdb", "/var/lib/db/temp-*.rdb"),
        ("/data/base/pgsql_tmp/pgsql_tmp16.0", "/data/base/pgsql_tmp/pgsql_tmp*.*"),
        ("/data/pgsql_tmp16.0.fileset/i4of8.p0.0", "/data/pgsql_tmp*.*.fileset/i*of*.p*.*"),
        ("/data/temp12/x-3", "/data/temp*/x-*"),
        ("/data/attemp2/x", "/data/attemp2/x"),
        ("/data/tmpfile2/x", "/data/tmpfile2/x"),
        ("/tmp/tmp.7Xkd02LmQa", "/tmp/tmp.*"),
        ("/run/secrets/tmp1/token-1", "/run/secrets/tmp1/token-1"),
        ("/tmp/tmp3_abcdef", "/tmp/tmp*"),
        ("/run/apache2.pid.LJeGzc", #"/run/apache2.pid.\w\w\w\w\w\w"#),
        ("/run/apache2.pid.3wppRr", #"/run/apache2.pid.\w\w\w\w\w\w"#),
        ("/tmp/phpLJeGzc", #"/tmp/php\w\w\w\w\w\w"#),
        ("/data/notes.config", "/data/notes.config"),
        ("/data/notes.README", "/data/notes.README"),
        ("/home/x/.ssh/id.LJeGzc", "/home/x/.ssh/id.LJeGzc"),
        ("/data/messages.1", "/data/messages.*"),
        ("/srv/www/page-7.html", "/srv/www/page-*.html"),
        ("/tmp/.s.PGSQL.5432.lock", "/tmp/.s.PGSQL.*.lock"),
        ("/build/feature-3f2a9c.c", "/build/feature-*.c"),
        ("/build/feature-facade.c", "/build/feature-facade.c"),
        ("/data/3f2a9c", "/data/3f2a9c"),
        ("/data/worker12", "/data/worker12"),
        ("/data/release-2/x", "/data/release-2/x"),
        ("/srv/app/plugin_9.py", "/srv/app/plugin_9.py"),
        ("/srv/app/app.cpython-311.pyc", "/srv/app/app.cpython-311.pyc"),
        ("/srv/app/libx-2.so.1", "/srv/app/libx-2.so.1"),
        ("/srv/app/bin/run-2", "/srv/app/bin/run-2"),
        ("/opt/app/conf-1.yaml", "/opt/app/conf-1.yaml"),
        ("/usr/share/x-1/y-2.txt", "/usr/share/x-1/y-2.txt"),
        ("/etc/app-1.conf", "/etc/app-1.conf"),
        ("/home/x/.ssh/id-1", "/home/x/.ssh/id-1"),
        ("/run/secrets/token-1", "/run/secrets/token-1"),
    ]

    @Test(arguments: counted) func numbersOfData(_ path: String, _ pattern: String) {
        #expect(Volatile.file(path) == pattern)
        #expect(Glob.matchesPath(Volatile.file(path), path))
    }

    /// What is run and who is spoken to is called by its name, whatever numbers are in it.
    @Test func numbersOfNamesStay() {
        let script = exec("/bin/sh", by: "/srv/app-1.bin", "sh", "/srv/job-1.sh")
        for behaviour in [script, exec("/srv/app-1.bin", by: "/a"), unix("/run/app-1.sock")] {
            #expect(BaselineIndex(Generaliser.spec(of: [Generaliser.shape(of: behaviour)])).knows(behaviour))
            #expect(Generaliser.shape(of: behaviour) == behaviour)
        }
    }

    /// What a class stands for is known; what an intruder would put beside it is not.
    @Test(arguments: [
        (
            "/tmp/s3qzpqvd", ["/tmp/eyhu4pj1", "/tmp/abcdefgh"],
            ["/tmp/front.so", "/tmp/.w", "/tmp/evil", "/tmp/s3qzpqvd/x"]
        ),
        ("/tmp/ccaB3xQ9.s", ["/tmp/ccZZZZZZ.s"], ["/tmp/ccaB3xQ9.so", "/tmp/ccaB3xQ9", "/tmp/cc.s"]),
        (
            "/data/db.aof.4.incr", ["/data/db.aof.123.incr"],
            ["/data/db.aof.incr", "/data/x.so", "/data/authorized_keys"]
        ),
        ("/srv/app/plugin_1.py", [], ["/srv/app/plugin_2.py"]),
        ("/home/x/.ssh/id-1", [], ["/home/x/.ssh/id-2"]),
    ]) func classesAreNoWiderThanTheirNames(_ learned: String, _ known: [String], _ unknown: [String]) {
        let index = BaselineIndex(Generaliser.spec(of: [Generaliser.shape(of: open(learned, .write))]))
        for path in [learned] + known { #expect(index.knows(open(path, .write)), "\(path)") }
        for path in unknown { #expect(!index.knows(open(path, .write)), "\(path)") }
    }

    @Test(arguments: [
        ("-c", "-c"), ("ls -l /srv/a", "ls -l /srv/a"), ("--pid=123456", "--pid=*"), ("--port=8080", "--port=8080"),
        ("8080", "8080"), ("1700000000", "*"),
        ("/tmp/tmp.X7kd02LmQa", "/tmp/tmp.*"), ("a*", #"a\*"#), ("ID=6b1f2c1e-8d0a-4f3e-9a57-0c2b6d3e4f5a", "ID=*"),
    ]) func wordsBecomeClasses(_ word: String, _ pattern: String) { #expect(Volatile.word(word) == pattern) }

    /// What a script does stays; what it was given this time does not.
    @Test(arguments: [
        ("ls -l /tmp/1", "ls -l /tmp/*"), ("sleep 5", "sleep 5"), ("kill -9 1234567", "kill -9 *"),
        ("logrotate /var/log/app-2026-11-20.log", "logrotate /var/log/app-*.log"),
        ("cat '/tmp/tmp.X7kd02LmQa/out' | wc -l", "cat '/tmp/tmp.*/out' | wc -l"),
        ("for f in *.c; do cc -c $f; done", #"for f in \*.c; do cc -c $f; done"#),
        ("ID=6b1f2c1e-8d0a-4f3e-9a57-0c2b6d3e4f5a exec ./run", "ID=* exec ./run"),
        ("curl -s http://api/v1/jobs/6b1f2c1e-8d0a-4f3e-9a57-0c2b6d3e4f5a", "curl -s http://api/v1/jobs/*"),
        ("print(1700000000)", "print(*)"), ("open('/tmp/tmpab12xy_9').read()", "open('/tmp/tmp*').read()"),
        ("x = 12\nprint(x)\n", "x = 12\nprint(x)\n"),
        ("git checkout 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", "git checkout *"),
        ("  1700000000", "  *"), (#"printf 'a\*b'"#, #"printf 'a\\\*b'"#),
        // May be a script, too.
        ("echo Y2F0IC9ldGMvc2hhZG93Cg== | base64 -d | sh", "echo Y2F0IC9ldGMvc2hhZG93Cg== | base64 -d | sh"),
        (
            "eval $(printf " + String(repeating: "6c730a20", count: 9) + ")",
            "eval $(printf " + String(repeating: "6c730a20", count: 9) + ")"
        ),
    ]) func scriptsKeepTheirShape(_ script: String, _ pattern: String) {
        #expect(Volatile.word(script) == pattern)
        #expect(Glob.matchesArguments([pattern], [script]))
        let spec = Generaliser.spec(of: [Generaliser.shape(of: exec("/bin/sh", by: "/a", "sh", "-c", script))])
        let index = BaselineIndex(spec)
        #expect(index.knows(exec("/bin/sh", by: "/a", "sh", "-c", script)))
        for more in ["; rm -r .", " && id", "$(id)", "`id`", " | sh", "\nid", "' + id() + '", " > x"] {
            #expect(!index.knows(exec("/bin/sh", by: "/a", "sh", "-c", script + more)), "\(more)")
        }
    }

    /// Numbers that are new each time, however short; what they have in common stays.
    @Test func numbersOfOftenSeenScriptsAreAny() {
        func learned(_ scripts: [String]) -> [String] {
            Generaliser.spec(of: scripts.map { Generaliser.shape(of: exec("/bin/sh", by: "/a", "sh", "-c", $0)) })
                .exec.map(\.text)
        }
        let scripts = (1...8).map { "kill -0 \(4000 + 7 * $0) 2>/dev/null" }
        #expect(
            learned(scripts) == [
                "{exe: /bin/sh, parent: /a, args: [sh, -c, \"kill -0 * 2>/dev/null\"], breadth: 8}"
            ])
        #expect(learned(scripts.dropLast()).count == 7)
        // As often, but each is another command.
        #expect(learned((0..<8).map { "run-\(words[$0]) \($0)" }).count == 8)
        let starred = (1...8).map { "tail -n \($0) /tmp/tmp.X7kd02LmQa" }
        #expect(
            learned(starred) == ["{exe: /bin/sh, parent: /a, args: [sh, -c, \"tail -n * /tmp/tmp.*\"], breadth: 8}"])
    }

    @Test(arguments: [
        ("/bin/dash", ["sh"], false), ("/bin/dash", ["-sh"], false), ("/bin/dash", ["sh", "-c"], false),
        ("/bin/dash", ["sh", "-e", "-c"], false), ("/bin/dash", ["sh", "/srv/job.sh"], true),
        ("/usr/bin/python3.11", ["python3", "-m"], false), ("/usr/bin/python3.11", ["python3", "app.py"], true),
        ("/usr/bin/mawk", ["awk"], false), ("/usr/bin/mawk", ["awk", "{print}"], true),
        ("/bin/busybox", ["cat"], true), ("/bin/busybox", ["busybox", "cat"], true),
        ("/bin/busybox", ["sh"], false), ("/bin/busybox", ["busybox", "sh", "-c"], false),
        ("/bin/busybox", ["busybox"], false), ("/bin/busybox", [], false), ("/lib/ld-linux.so.2", ["ld.so"], false),
    ]) func whatAnInterpreterRunsIsNeverAny(_ executable: String, _ words: [String], _ mayBeAny: Bool) {
        #expect(ArgumentFanOut.mayBeAny(after: words[...], of: executable) == mayBeAny)
        func run(_ word: String) -> Behaviour {
            .exec(ExecBehaviour(executable: executable, parent: "/a", arguments: words + [word]))
        }
        for numbers in [1...20, 1_000_001...1_000_020] {
            let spec = Generaliser.spec(of: numbers.map { Generaliser.shape(of: run("\($0)")) })
            #expect(spec.exec.count == (mayBeAny ? 1 : 20))
            #expect(BaselineIndex(spec).knows(run("x")) == mayBeAny)
        }
    }

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

    /// How much was seen of what an entry stands for now.
    @Test func theBreadthOfEachCollapseIsKept() throws {
        func lines(_ paths: [String]) -> [String] {
            Generaliser.spec(of: paths.map { Generaliser.shape(of: open($0, .read)) }).open.map {
                "\($0.path) \($0.breadth.count)"
            }
        }
        let files = words.map { "/srv/www/\($0)" }
        #expect(lines(files + ["/srv/www/.ssh/id", "/srv/x"]) == ["/srv/www/* 40", "/srv/www/.ssh/id 0", "/srv/x 0"])
        #expect(
            lines(files.map { $0 + "/index" } + ["/srv/www/aa/rare"]) == ["/srv/www/*/index 40", "/srv/www/*/rare 1"])
        #expect(lines(files.flatMap { [$0, $0 + "/a/b/c"] }) == ["/srv/www/** 80"])
        #expect(lines(files.flatMap { place in words.map { "\(place)/\($0)" } }) == ["/srv/www/*/* 1600"])
        // It is written, read, and no part of what is normal; two observers have seen at least as much as one.
        let wide = Generaliser.spec(of: files.map { Generaliser.shape(of: open($0, .read)) })
        let read = try BaselineFile.parseSpec(BaselineWriter.lists(wide))
        #expect(read.open.map(\.text) == ["{exe: /a, path: /srv/www/*, access: [read], breadth: 40}"])
        var narrow = wide
        narrow.open[0].breadth = Breadth(17)
        #expect(narrow == wide)
        #expect(narrow.union(wide).open.map(\.breadth.count) == [40])
        #expect(wide.union(narrow).open.map(\.breadth.count) == [40])
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
        func line(_ peer: String, _ breadth: Int) -> [String] {
            ["{exe: /a, \(peer), port: 443, transport: tcp, breadth: \(breadth)}"]
        }
        #expect(blocks((1...8).map { "10.2.3.\($0)" }) == line("cidr: 10.2.3.0/28", 8))
        #expect(blocks((1...7).map { "10.2.3.\($0)" }).count == 7)
        #expect(blocks((1...15).map { "10.\($0).0.1" }).count == 15)
        #expect(blocks((1...16).map { "10.\($0).0.1" }) == line("class: private", 16))
        #expect(blocks((1...8).flatMap { ["10.\($0).0.1", "fd00::\($0):0:0:0:1"] }) == line("class: private", 16))
        #expect(blocks((1...8).map { "127.0.\($0).1" }) == line("class: loopback", 8))
        #expect(blocks((1...8).map { "169.254.\($0).1" }) == line("class: link-local", 8))
        #expect(blocks((1...16).map { "8.8.8.\($0)" }) == line("cidr: 8.8.8.0/27", 16))
        #expect(blocks((1...15).map { "8.8.8.\($0)" }).count == 15)
        #expect(blocks((1...31).map { "8.\($0).0.1" }).count == 31)
        #expect(blocks((1...32).map { "8.\($0).0.1" }) == line("class: public", 32))
        // Many addresses of few networks say nothing of all the others.
        #expect(blocks((0..<160).map { "8.8.\($0 / 16).\($0 % 16)" }).count == 10)
        #expect(blocks((1...99).map { "224.0.0.\($0)" }).count == 99)
        #expect(blocks((1...8).map { "10.0.1.\($0)" } + (1...15).map { "8.\($0).0.1" }).count == 16)
    }

    /// However many addresses were seen.
    @Test func someClassesAreNeverNormal() {
        func peers(_ program: String, _ addresses: [String], _ port: UInt16) -> Int {
            let shapes = addresses.map {
                Generaliser.shape(
                    of: .connect(
                        ConnectBehaviour(
                            executable: program, peer: .ip(SocketAddress(ip: IPAddress($0)!, port: port), domain: nil),
                            transport: .tcp)))
            }
            return Generaliser.spec(of: shapes).connect.count
        }
        let everywhere = (1...64).map { "8.\($0).0.1" }
        #expect(peers("/usr/bin/crawl", everywhere, 443) == 1)
        #expect(peers("/usr/bin/python3.11", everywhere, 443) == 64)
        #expect(peers("/bin/bash", everywhere, 443) == 64)
        let links = (1...64).map { "169.254.\($0).1" }
        #expect(peers("/usr/bin/crawl", links, 443) == 1)
        #expect(peers("/usr/bin/crawl", links, 80) == 64, "there the cloud hands out credentials")
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
                "{exe: /a, port: 80, transport: tcp}", "{exe: /a, port: 32768-60999, transport: tcp, breadth: 3}",
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
                #"{exe: /bin/busybox, parent: /a, args: [cat, "*"], breadth: 40}"#
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
