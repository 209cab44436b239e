import Events
import Testing

@testable import Baselines

@Suite struct LintTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var entry: String
        /// What is said of it; nil where it is narrow enough.
        var says: String?
        var testDescription: String { entry }

        init(_ entry: String, _ says: String?) { (self.entry, self.says) = (entry, says) }
    }

    static let opens = [
        Case("{exe: /a, path: /**, access: [read]}", "any path"),
        Case("{exe: /a, path: \"*\", access: [read]}", "any path"),
        Case("{exe: /a, path: /*/x, access: [read]}", "first segment"),
        Case("{exe: /a, path: /e*/passwd, access: [read]}", "first segment"),
        Case("{exe: /a, path: /etc/**, access: [read]}", "all of /etc"),
        Case("{exe: /a, path: /usr/**, access: [read]}", "all of /usr"),
        Case("{exe: /a, path: /proc/*/**, access: [read]}", "all of /proc"),
        Case("{exe: /a, path: /etc/*, access: [read]}", "/etc/shadow"),
        Case("{exe: /a, path: /etc/s*, access: [read]}", "/etc/shadow"),
        Case("{exe: /a, path: /home/*/.ssh/*, access: [read]}", "secret"),
        Case("{exe: /a, path: /srv/*/.aws/**, access: [read]}", "directory of secrets"),
        Case("{exe: /a, path: /var/lib/**, access: [read]}", "kubelet"),
        Case("{exe: /a, path: /run/*, access: [write]}", "docker.sock"),
        Case("{exe: /a, path: /usr/bin/*, access: [read]}", "directory of programs"),
        Case("{exe: \"*\", path: /srv/**, access: [read]}", "any program may open all of a tree"),
        Case("{exe: \"*\", path: /srv/data/**, access: [read, write]}", "any program may write"),
        Case("{exe: \"*\", path: /srv/data/**, access: [read]}", nil),
        Case("{exe: \"*\", path: /proc/*/stat, access: [read]}", nil),
        Case("{exe: /a, path: /srv/**, access: [read]}", nil),
        Case("{exe: /a, path: /etc/nginx/**, access: [read]}", nil),
        Case("{exe: /a, path: /home/*/.ssh/authorized_keys, access: [read]}", nil),
        Case("{exe: /a, path: /usr/lib/locale/**, access: [read]}", nil),
        Case("{exe: /a, path: /var/log/*.log, access: [write]}", nil),
    ]
    static let connects = [
        Case("{exe: /a, cidr: 0.0.0.0/0, port: 443}", "any address may be connected to"),
        Case("{exe: /a, cidr: \"::/0\"}", "any address may be connected to, at any port"),
        Case("{exe: /a, cidr: 10.0.0.0/7, port: 1}", "a block of more than /8"),
        Case("{exe: /a, cidr: 10.0.0.0/16}", "any port of many addresses"),
        Case("{exe: /a, cidr: 10.0.0.0/16, port: 0-65535}", "any port of many addresses"),
        Case("{exe: /a, cidr: 10.0.0.0/16, port: 443}", nil),
        Case("{exe: /a, cidr: 10.0.0.0/24}", nil),
        Case("{exe: /a, cidr: 127.0.0.0/8}", nil),
        Case("{exe: /a, domain: \"**\", port: 443}", "any domain"),
        Case("{exe: /a, domain: \"*.com\", port: 443}", "top level"),
        Case("{exe: /a, path: /run/**}", "all of /run"),
        Case("{exe: /a, class: loopback}", nil),
        Case("{exe: /a, class: private, port: 5432}", nil),
        Case("{exe: /a, class: private}", "any port of any private address"),
        Case("{exe: /a, class: link-local, port: 443}", nil),
        Case("{exe: /a, class: link-local, port: 1-1023}", "hands out credentials"),
        Case("{exe: /a, class: public, port: 443, breadth: 32}", nil),
        Case("{exe: /a, class: public, port: 443, breadth: 3}", "seen with 3 (breadth) and not 32"),
        Case("{exe: /a, class: public, port: 443}", "seen with 0"),
        Case("{exe: /a, class: public, breadth: 99}", "any port of any public address"),
        Case("{exe: \"*\", class: public, port: 443, breadth: 99}", "more than one program"),
        Case("{exe: /usr/bin/python3.11, class: public, port: 443, breadth: 99}", "a shell or interpreter"),
    ]
    static let execs = [
        Case("{exe: \"*\"}", "any program may be run"),
        Case("{exe: /usr/bin/*}", "any program of a directory"),
        Case("{exe: /tmp/*}", "anyone put there"),
        Case("{exe: /bin/sh}", "shell"),
        Case("{exe: /bin/sh, args: [sh, -c, \"**\"]}", "any script"),
        Case("{exe: /bin/sh, args: [sh, \"*\"]}", "any script"),
        Case("{exe: /bin/sh, args: [sh, -c, \"logrotate *\"]}", nil),
        Case("{exe: /bin/sh, args: [sh, -c, \"logrotate **\"]}", "may go on in any way"),
        Case("{exe: /bin/sh, args: [sh, /srv/job.sh, \"**\"]}", nil),
        Case("{exe: /usr/bin/python3.11, args: [python3, -m, \"*\"]}", "any script"),
        Case("{exe: /bin/busybox, args: [cat, \"*\"]}", nil),
        Case("{exe: /bin/sh, parent: /usr/sbin/cron, args: [sh, -c, run-parts /etc/cron.daily]}", nil),
        Case("{exe: /bin/ls}", nil),
    ]
    static let listens = [
        Case("{exe: /a, transport: tcp}", "any port"), Case("{exe: /a, port: 32768-60999, transport: udp}", nil),
    ]

    @Test(arguments: opens) func open(_ entry: Case) throws { try check(entry, "open") }
    @Test(arguments: connects) func connect(_ entry: Case) throws { try check(entry, "connect") }
    @Test(arguments: execs) func exec(_ entry: Case) throws { try check(entry, "exec") }
    @Test(arguments: listens) func listen(_ entry: Case) throws { try check(entry, "listen") }

    private func check(_ entry: Case, _ list: String) throws {
        let text =
            "apiVersion: driftwatch/v1\nkind: Baseline\nmetadata: {workload: w}\nspec:\n  \(list):\n    - \(entry.entry)\n"
        let findings = try #require(try BaselineFile.parse(text, file: "f.yaml").first).lint()
        if let says = entry.says {
            #expect(findings.count == 1 && findings[0].reason.contains(says) && findings[0].line == 6, "\(findings)")
        } else {
            #expect(findings.isEmpty, "\(findings)")
        }
    }

    /// What the monitor learns by itself is never too broad by its own measure.
    @Test func whatIsLearnedPasses() throws {
        var shapes: [Behaviour] = []
        for number in 0..<200 {
            for place in [
                "/etc/s\(number)", "/root/.ssh/k\(number)", "/srv/\(number)x/.aws/y",
                "/usr/lib/locale/l\(number)/LC_ALL",
                "/usr/lib/x86_64-linux-gnu/lib\(number).so.1", "/var/lib/d\(number)/x", "/run/r\(number)",
                "/home/u\(number)/.ssh/id_rsa", "/proc/\(number)/environ", "/usr/bin/p\(number)", "/d\(number)/x/y",
            ] { shapes.append(Generaliser.shape(of: BaselinesTests.open(place))) }
            shapes.append(Generaliser.shape(of: BaselinesTests.connect("10.\(number).0.\(number)", 443)))
            shapes.append(Generaliser.shape(of: BaselinesTests.connect("203.0.113.\(number)", 443)))
            shapes.append(Generaliser.shape(of: BaselinesTests.connect("8.\(number).0.1", 443)))
            shapes.append(Generaliser.shape(of: BaselinesTests.connect("169.254.\(number).1", 80)))
            shapes.append(Generaliser.shape(of: BaselinesTests.connect("127.0.0.\(number)", 80)))
            shapes.append(Generaliser.shape(of: BaselinesTests.exec("/usr/bin/p\(number)")))
            shapes.append(Generaliser.shape(of: BaselinesTests.exec("/bin/sh", by: "/p", "sh", "job-\(number)x")))
            shapes.append(Generaliser.shape(of: BaselinesTests.exec("/bin/sh", by: "/p", "sh", "-c", "job \(number)")))
        }
        let baseline = Baseline(key: BaselineKey(workload: "w"), spec: Generaliser.spec(of: shapes))
        let document = try #require(try BaselineFile.parse(BaselineWriter.file(baseline), file: "f").first)
        #expect(document.lint().isEmpty, "\(document.lint().prefix(10))")
    }
}
