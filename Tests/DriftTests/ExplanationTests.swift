import Drift
import Events
import Testing
import Workloads

@Suite struct ExplanationTests {
    static let unknown = Standing.unknown(Acts.facts)
    static let reasons: [(act: Observation, standing: Standing, reason: String)] = [
        (
            Acts.exec("/bin/dash", ["-c", "id"]), unknown,
            "web's nginx started a shell (/bin/dash -c id), which it never did in the 40 minutes it was watched; "
                + "nearest known: exec /usr/sbin/nginx"
        ),
        (
            Acts.exec("/usr/bin/perl", ["x.pl"]), unknown,
            "web's nginx started a script interpreter (/usr/bin/perl x.pl), which it never did in the 40 minutes it "
                + "was watched; nearest known: exec /usr/sbin/nginx"
        ),
        (
            Acts.exec("/usr/bin/id"), .unknown(BaselineFacts(state: "armed")),
            "web's nginx started a program (/usr/bin/id), which its baseline does not know; "
                + "nearest known: exec /usr/sbin/nginx"
        ),
        (
            Acts.exec("/bin/bash", ["-i"], flags: [.stdinSocket, .stdoutSocket]), .learning(Acts.facts),
            "web's nginx started a shell (/bin/bash -i) that reads from and writes to the network connection of "
                + "198.51.100.9:4444: someone outside may be typing commands; this is never normal, so it is not "
                + "learned; nearest known: exec /usr/sbin/nginx"
        ),
        (
            Acts.exec("memfd:x", flags: .fileless), .unjudged,
            "web's nginx ran a program that never had a file (memfd:x); this is never normal, and there is no "
                + "baseline to allow it; nearest known: exec /usr/sbin/nginx"
        ),
        (
            Acts.exec("/tmp/x", flags: .upperLayer), unknown,
            "web's nginx ran a program that is not from the image but was written into the running container "
                + "(/tmp/x); nearest known: exec /usr/sbin/nginx"
        ),
        (
            Acts.exec("/bin/sh", origin: .injected, actor: Acts.actor("/bin/sh", parent: "")), unknown,
            "web was entered from outside by a process (/bin/sh), which it never did in the 40 minutes it was "
                + "watched; nearest known: exec /usr/sbin/nginx"
        ),
        (
            Acts.elsewhere, unknown,
            "web's nginx connected to 203.0.113.7:443 over tcp, which it never did in the 40 minutes it was watched; "
                + "nearest known: exec /usr/sbin/nginx"
        ),
        (
            Acts.connect(.unix(path: "/run/docker.sock"), .unix), unknown,
            "web's nginx connected to a container runtime's socket, /run/docker.sock, which it never did in the 40 "
                + "minutes it was watched; nearest known: exec /usr/sbin/nginx"
        ),
        (
            Acts.connect(.unseen, .raw), unknown,
            "web's nginx made a raw socket, whose traffic is not seen, which it never did in the 40 minutes it was "
                + "watched; nearest known: exec /usr/sbin/nginx"
        ),
        (
            Acts.listener, unknown,
            "web's nc opened port 4444 (tcp) on 0.0.0.0, which it never did in the 40 minutes it was watched; "
                + "nearest known: exec /usr/sbin/nginx"
        ),
        (
            Acts.open("/etc/shadow", by: "/bin/cat"), .learning(Acts.facts),
            "web's cat read password hashes, /etc/shadow; this is never normal, so it is not learned; "
                + "nearest known: exec /usr/sbin/nginx"
        ),
        (
            Acts.open("/etc/hostname", flags: .outsideRoot), .known(Acts.facts),
            "web's nginx read /etc/hostname, which lies outside its container, whatever its baseline knows; "
                + "nearest known: exec /usr/sbin/nginx"
        ),
        (
            Acts.open("/var/www/\u{1b}[31m\n.html", access: [.create, .write]), unknown,
            "web's nginx created /var/www/\\x1b[31m\\n.html, which it never did in the 40 minutes it was watched; "
                + "nearest known: exec /usr/sbin/nginx"
        ),
    ]

    @Test(arguments: reasons.indices) func tells(_ index: Int) {
        let (act, standing, reason) = Self.reasons[index]
        var detector = Detector(seed: 1)
        #expect(detector.judge(act, standing) { Acts.difference }.alert?.reason == reason)
    }

    static let twoDaysBefore = Acts.now - 2 * 86_400 * 1_000_000_000

    @Test(arguments: [
        (
            ScanStatus(state: .clean, scanner: "Trivy", scannedAt: twoDaysBefore),
            "; drift from an image that Trivy found clean 2 days ago"
        ),
        (
            ScanStatus(state: .stale, scanner: "Grype", scannedAt: twoDaysBefore, findings: [.low: 1]),
            "; the last scan of its image, by Grype, was 2 days ago"
        ),
        (
            ScanStatus(state: .findings, scanner: "Trivy", scannedAt: twoDaysBefore, findings: [.high: 2, .low: 7]),
            "; Trivy found 9 weaknesses in its image 2 days ago, 2 high"
        ),
        (.unscanned, ""),
    ])
    func tellsWhatTheScannerSaid(_ scan: ScanStatus, _ words: String) throws {
        var detector = Detector(seed: 1)
        let alert = detector.judge(Acts.elsewhere, Self.unknown, scan: { scan }).alert
        #expect(alert?.scan == scan)
        let reason = try #require(alert?.reason)
        #expect(reason.hasSuffix("in the 40 minutes it was watched" + words), "\(reason)")
    }

    @Test func tellsOfAProgramThatNobodyListed() throws {
        var detector = Detector(seed: 1)
        var scan = ScanStatus.unscanned
        scan.isListed = false
        let alert = detector.judge(Acts.exec("/opt/x"), Self.unknown, scan: { scan }).alert
        #expect(alert?.reason.hasSuffix("; its image's bill of materials does not name this program") == true)
    }

    @Test func isBounded() throws {
        var detector = Detector(seed: 1)
        let long = String(repeating: "ä", count: 9000)
        let act = Acts.exec("/bin/sh", ["-c", long], actor: Acts.actor("/" + long, parent: "/" + long))
        let reason = try #require(
            detector.judge(act, Self.unknown) { Difference(dimension: "x", nearest: long, allow: "") }.alert?.reason)
        #expect(reason.unicodeScalars.count <= 500)
    }

    @Test func saturationNamesTheKinds() {
        var detector = Detector(seed: 1)
        detector.turnedAway([2, 0, 0, 9], by: Acts.web, cgroup: 1)
        let told = detector.saturated(at: Acts.now).first
        #expect(
            told?.reason
                == "web makes new behaviours faster than they can be judged: 2 exec, 9 open acts were counted, "
                + "but not looked at")
    }

    @Test func withoutABaselineTheAllowanceIsExact() {
        let cases: [(Observation, String)] = [
            (
                Acts.exec("/bin/dash", ["-c", "rm *"]),
                "exec:\n  - {exe: /bin/dash, parent: /usr/sbin/nginx, args: [dash, \"-c\", \"rm \\\\*\"]}\n"
            ),
            (Acts.open("/etc/a b"), "open:\n  - {exe: /usr/sbin/nginx, path: \"/etc/a b\", access: [read]}\n"),
            (
                Acts.elsewhere,
                "connect:\n  - {exe: /usr/sbin/nginx, cidr: \"203.0.113.7/32\", port: 443, transport: tcp}\n"
            ),
            (Acts.listener, "listen:\n  - {exe: /usr/bin/nc, port: 4444, transport: tcp}\n"),
        ]
        for (act, yaml) in cases { #expect(Allowance.yaml(act.behaviour) == yaml) }
    }
}
