import Baselines
import Events
import Foundation
import Testing
import Workloads

@testable import Evidence

private let web = Workload(
    id: "k8s/shop/deployment/web/nginx", kind: .k8s, instance: "i",
    container: Container(id: "i", runtime: "containerd", image: Image(name: "docker.io/library/nginx", tag: "1.27")),
    labels: [
        "tier": "front", "org.opencontainers.image.source": "https://git.example/nginx",
        "org.opencontainers.image.vendor": "NGINX", "app.kubernetes.io/managed-by": "Helm",
    ])

@Suite struct OwnerTests {
    static let file = """
        owners:
          - workload: k8s/shop/**
            owner: payments
            contact: payments@example.com
            review: 90d
          - image: docker.io/library/nginx:*
            labels: {tier: "fr*"}
            purpose: the shop's front door
            owner: somebody else
            expires: 2027-01-31
          - workload: [oci/*, container/*]
            owner: platform
        """

    @Test func theFirstEntryThatSaysSomethingCounts() throws {
        let sources = try OwnerFile(Array(Self.file.utf8), file: "owners.yaml")
        var all = Dossiers.Sources()
        all.owners = sources
        let dossiers = Dossiers(all)
        let ownership = dossiers.dossier(of: web).ownership
        #expect(ownership.owner == "payments" && ownership.source == "file")
        #expect(ownership.contact == "payments@example.com" && ownership.review == 90)
        #expect(ownership.purpose == "the shop's front door" && ownership.expires == "2027-01-31")
        // What the file leaves open, labels fill.
        #expect(ownership.repository == "https://git.example/nginx" && ownership.pipeline == "Helm")
        let other = Workload(id: "oci/a/b", kind: .oci, instance: "i")
        #expect(dossiers.dossier(of: other).ownership == Ownership(), "* stays within one segment")
    }

    @Test func labelsAlone() {
        let ownership = Dossiers(Dossiers.Sources()).dossier(of: web).ownership
        #expect(ownership.owner == "NGINX" && ownership.source == "label" && ownership.findings(at: 0).isEmpty)
        #expect(Ownership(labels: [:]).findings(at: 0) == [.unowned])
    }

    static let overdue: [(String, [Ownership.Finding])] = [
        ("2026-11-21T00:00:00Z", []), ("2026-12-02T00:00:00Z", [.unreviewed]),
        ("2027-01-31T00:00:00Z", [.expired, .unreviewed]),
    ]

    @Test(arguments: overdue)
    func whatIsOverdueIsAFinding(_ now: String, _ findings: [Ownership.Finding]) throws {
        let text = """
            owners: [{workload: a, owner: b, review: 30d, reviewed: 2026-11-01, expires: 2027-01-31}]
            """
        var sources = Dossiers.Sources()
        sources.owners = try OwnerFile(Array(text.utf8), file: "o")
        let workload = Workload(id: "a", kind: .cgroup, instance: "1")
        let ownership = Dossiers(sources).dossier(of: workload).ownership
        #expect(ownership.findings(at: try #require(Timestamp.nanoseconds(now))) == findings)
    }

    @Test(arguments: [
        ("owners:\n  - workload: a\n    owner: b\n    reviewed: 2026-11-01\n", 2, "name both"),
        ("owners:\n  - workload: a\n    onwer: b\n", 3, "owner meant"),
        ("owners:\n  - owner: b\n", 2, "applies to nothing"),
        ("owners:\n  - workload: a\n", 2, "says nothing"),
        ("owners:\n  - workload: a\n    owner: b\n    review: soon\n", 4, "90d"),
        ("owners:\n  - workload: a\n    owner: b\n    expires: 2027-02-31\n", 4, "a day"),
        ("owner: x\n", 1, "unknown key"),
        ("- a\n", 1, "must be a mapping"),
    ])
    func aBadFileIsRefusedByLine(_ text: String, _ line: Int, _ reason: String) {
        let refusal = #expect(throws: FileRefusal.self) { try OwnerFile(Array(text.utf8), file: "o.yaml") }
        #expect(refusal?.line == line && refusal?.reason.contains(reason) == true, "\(String(describing: refusal))")
    }

    @Test func aUnitBelongsToItsPackage() throws {
        let root = NSTemporaryDirectory() + "dpkg-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: root) }
        try FileManager.default.createDirectory(atPath: root + "/info", withIntermediateDirectories: true)
        try "/.\n/lib/systemd/system/cron.service\n".write(
            toFile: root + "/info/cron:amd64.list", atomically: true, encoding: .utf8)
        try "Package: cron\nMaintainer: A <a@example.com>\n".write(
            toFile: root + "/status", atomically: true, encoding: .utf8)
        var unit = Workload(id: "unit/cron.service", kind: .unit, instance: "1")
        unit.unit = Workload.Unit(
            name: "cron.service", file: "/usr/lib/systemd/system/cron.service", description: "Regular jobs",
            documentation: "man:cron(8)")
        let dossiers = Dossiers(Dossiers.Sources(), packages: UnitPackages(root: root, waits: true))
        let ownership = dossiers.dossier(of: unit).ownership
        #expect(ownership.owner == "Debian package cron" && ownership.source == "package")
        #expect(ownership.contact == "A <a@example.com>" && ownership.purpose == "Regular jobs")
        #expect(ownership.documentation == "man:cron(8)")
    }
}
