import Events
import Testing

@testable import Baselines

@Suite struct ExplanationTests {
    private static let spec = try! BaselineFile.parseSpec(
        """
        exec:
          - {exe: /bin/ls, parent: /p}
          - {exe: /bin/sh, parent: /p, args: [sh, -c, "ls -l"]}
        connect:
          - {exe: /a, cidr: 10.2.0.0/16, port: 5432, transport: tcp}
          - {exe: /a, path: /run/x.sock, transport: unix}
          - {exe: /a, transport: packet}
        listen:
          - {exe: /a, port: 80, transport: tcp}
        open:
          - {exe: /a, path: /etc/a/x.conf, access: [read]}
          - {exe: /a, path: /var/log/**, access: [append]}
        """)

    static let cases: [(Behaviour, Explanation.Dimension, String?)] = [
        (exec("/bin/ls", by: "/q"), .parent, "{exe: /bin/ls, parent: /p}"),
        (
            exec("/bin/sh", by: "/p", "sh", "-c", "id"), .arguments,
            #"{exe: /bin/sh, parent: /p, args: [sh, -c, "ls -l"]}"#
        ),
        (exec("/bin/lsof"), .executable, "{exe: /bin/ls, parent: /p}"),
        (exec("/bin/nc", by: "/q"), .executable, nil),
        (open("/etc/a/x.conf", .write), .access, "{exe: /a, path: /etc/a/x.conf, access: [read]}"),
        (open("/etc/a/y.conf"), .path, "{exe: /a, path: /etc/a/x.conf, access: [read]}"),
        (open("/etc/a/x.conf", by: "/b"), .executable, "{exe: /a, path: /etc/a/x.conf, access: [read]}"),
        (connect("10.2.1.1", 22), .port, "{exe: /a, cidr: 10.2.0.0/16, port: 5432, transport: tcp}"),
        (connect("10.2.1.1", 5432, nil, .udp), .transport, "{exe: /a, cidr: 10.2.0.0/16, port: 5432, transport: tcp}"),
        (connect("10.3.1.1", 5432), .destination, "{exe: /a, cidr: 10.2.0.0/16, port: 5432, transport: tcp}"),
        (unix("/run/y.sock"), .destination, "{exe: /a, path: /run/x.sock, transport: unix}"),
        (socket(.raw), .transport, "{exe: /a, transport: packet}"),
        (listen(81), .port, "{exe: /a, port: 80, transport: tcp}"),
        (listen(80, .udp), .transport, "{exe: /a, port: 80, transport: tcp}"),
    ]

    @Test(arguments: cases) func nearest(_ behaviour: Behaviour, _ dimension: Explanation.Dimension, _ nearest: String?)
        throws
    {
        #expect(Self.spec.nearest(to: behaviour) == Explanation(dimension: dimension, nearest: nearest))
        // Whatever is unknown can be allowed, by a patch that allows it.
        let patch = BaselineSpec.allowText(for: behaviour)
        #expect(BaselineIndex(try BaselineFile.parseSpec(patch)).knows(behaviour))
    }

    @Test func thePatchReadsAsALineOfAFile() {
        #expect(
            BaselineSpec.allowText(for: open("/etc/shadow"))
                == "open:\n  - {exe: /a, path: /etc/shadow, access: [read]}\n")
    }

    @Test func differencesMergesAndLint() throws {
        var one = Baseline(key: BaselineKey(workload: "w", digest: "d"), spec: Self.spec)
        var two = one
        two.spec.listen = [ListenEntry(executable: "/a", ports: 81...81, transport: .tcp)]
        #expect(one.difference(to: two).text == "- listen: /a on port 80 by tcp\n+ listen: /a on port 81 by tcp\n")
        #expect(one.difference(to: one).isEmpty)
        let (merged, conflicts) = one.merged(two)
        #expect(merged.spec.listen.count == 2 && conflicts.isEmpty)
        two.key.digest = "e"
        #expect(one.merged(two).conflicts == ["digest: d and e"])
        one.status.coverage = .init(seen: 1 << 53, lost: 1 << 53)
        #expect(one.merged(one).baseline.status.coverage == one.status.coverage)

        let text = """
            apiVersion: driftwatch/v1
            kind: Baseline
            metadata: {workload: w}
            spec:
              exec:
                - {exe: "*"}
                - {exe: /usr/bin/*}
                - {exe: /bin/sh}
                - {exe: /bin/ls}
              connect:
                - {exe: /a, cidr: 0.0.0.0/0, port: 443, transport: tcp}
                - {exe: /a, domain: "*.com", port: 443, transport: tcp}
                - {exe: /a, domain: "*.example.com", port: 443, transport: tcp}
              open:
                - {exe: /a, path: /**, access: [read]}
                - {exe: /a, path: /*/x, access: [read]}
                - {exe: /a, path: /etc/*, access: [read]}
                - {exe: /a, path: /root/.ssh/**, access: [read]}
                - {exe: /a, path: /srv/**, access: [read]}
            """
        let findings = try #require(try BaselineFile.parse(text, file: "f.yaml").first).lint()
        #expect(findings.map(\.line) == [6, 7, 8, 15, 16, 17, 18, 11, 12])
    }
}
