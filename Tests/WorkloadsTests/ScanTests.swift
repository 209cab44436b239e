import Foundation
import Synchronization
import Testing

@testable import Workloads

private let digest = "sha256:" + String(repeating: "ab", count: 32)
private let imageID = "sha256:" + String(repeating: "cd", count: 32)
private let day: Int64 = 86_400 * 1_000_000_000
private let now: Int64 = 1_790_000_000 * 1_000_000_000

private func document(_ text: String, name: String = "x.json", modified: Int64 = 0) -> ScanDocument? {
    JSON(bytes: Array(text.utf8)).flatMap { ScanDocument($0, name: name, modified: modified) }
}

struct ReportCase: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    var file = "x.json"
    let scanner: String
    var findings: [Severity: Int] = [:]
    var digests = [digest]
    var names: [String] = []
    var testDescription: String { name }

    static let all = [
        ReportCase(
            name: "trivy with findings",
            text: """
                {"SchemaVersion": 2, "CreatedAt": "2026-09-20T10:00:00.5Z", "ArtifactName": "nginx:1.27",
                 "ArtifactType": "container_image",
                 "Metadata": {"ImageID": "\(imageID)", "RepoTags": ["nginx:1.27"], "RepoDigests": ["nginx@\(digest)"]},
                 "Results": [
                  {"Target": "nginx (debian 12)", "Vulnerabilities": [{"Severity": "HIGH"}, {"Severity": "LOW"}]},
                  {"Target": "key", "Secrets": [{"Severity": "CRITICAL"}]},
                  {"Target": "Dockerfile", "Misconfigurations": [{"Severity": "HIGH", "Status": "PASS"}]}]}
                """,
            scanner: "Trivy", findings: [.high: 1, .low: 1, .critical: 1], digests: [imageID, digest],
            names: ["docker.io/library/nginx:1.27"]),
        ReportCase(
            name: "trivy, clean: no results at all",
            text: """
                {"SchemaVersion": 2, "ArtifactName": "r.example/a/b", "ArtifactType": "container_image",
                 "Metadata": {"RepoDigests": ["r.example/a/b@\(digest)"]}}
                """,
            scanner: "Trivy", names: ["r.example/a/b:latest"]),
        ReportCase(
            name: "grype",
            text: """
                {"matches": [{"vulnerability": {"id": "CVE-1", "severity": "Critical"}},
                             {"vulnerability": {"id": "CVE-2", "severity": "Negligible"}}],
                 "source": {"type": "image", "target": {"userInput": "redis", "imageID": "\(imageID)",
                   "manifestDigest": "\(digest)", "tags": ["redis:7"], "repoDigests": []}},
                 "descriptor": {"name": "grype", "version": "0.80.0", "timestamp": "2026-09-20T10:00:00+02:00"}}
                """,
            scanner: "Grype", findings: [.critical: 1, .negligible: 1], digests: [digest, imageID],
            names: ["docker.io/library/redis:7", "docker.io/library/redis:latest"]),
        ReportCase(
            name: "sarif, scores before levels, what is suppressed left out",
            text: """
                {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Snyk", "rules": [
                   {"id": "a", "properties": {"security-severity": "9.8"}},
                   {"id": "b", "defaultConfiguration": {"level": "note"}}]}},
                  "results": [{"ruleId": "a", "level": "error"}, {"ruleIndex": 1}, {"ruleId": "c"},
                    {"ruleId": "a", "suppressions": [{"kind": "external"}]}, {"ruleId": "a", "kind": "pass"}],
                  "properties": {"imageName": "quay.io/x/y:1", "repoDigests": ["quay.io/x/y@\(digest)"]}}]}
                """,
            scanner: "Snyk", findings: [.critical: 1, .low: 1, .medium: 1], names: ["quay.io/x/y:1"]),
        ReportCase(
            name: "sarif that is named after its image",
            text: #"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "T"}}, "results": []}]}"#,
            file: "web@\(digest).sarif", scanner: "T"),
    ]
}

@Suite struct ScanTests {
    @Test(arguments: ReportCase.all)
    func report(_ given: ReportCase) throws {
        guard case .report(let report) = try #require(document(given.text, name: given.file)) else {
            Issue.record("no report")
            return
        }
        #expect(report.scanner == given.scanner)
        #expect(report.findings == given.findings)
        #expect(report.image.digests == given.digests)
        #expect(report.image.names == given.names)
    }

    struct FilesCase: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        var testDescription: String { name }
    }

    @Test(arguments: [
        FilesCase(
            name: "CycloneDX",
            text: """
                {"bomFormat": "CycloneDX", "specVersion": "1.6",
                 "metadata": {"tools": {"components": [{"name": "syft"}]},
                   "component": {"type": "container", "name": "nginx", "version": "\(digest)"}},
                 "components": [{"type": "file", "name": "/usr/sbin/nginx"},
                   {"type": "library", "name": "bash", "components": [{"type": "file", "name": "bin/bash"}],
                    "properties": [{"name": "syft:location:0:path", "value": "/var/lib/dpkg/status"}]}]}
                """),
        FilesCase(
            name: "SPDX",
            text: """
                {"spdxVersion": "SPDX-2.3", "name": "nginx",
                 "packages": [{"name": "nginx", "primaryPackagePurpose": "CONTAINER", "versionInfo": "\(digest)"}],
                 "files": [{"fileName": "./usr/sbin/nginx"}, {"fileName": "bin/bash"}]}
                """),
        FilesCase(
            name: "Syft",
            text: """
                {"artifacts": [{"name": "bash", "metadata": {"files": [{"path": "/bin/bash"}]}}],
                 "files": [{"location": {"path": "/usr/sbin/nginx"}}],
                 "source": {"type": "image", "metadata": {"userInput": "nginx", "manifestDigest": "\(digest)"}}}
                """),
    ])
    func files(_ given: FilesCase) throws {
        let index = ScanIndex([try #require(document(given.text))], maxAge: 30 * day)
        let image = ImageKeys(digests: [digest])
        #expect(index.lists("/usr/sbin/nginx", in: image) == true)
        #expect(index.lists("/bin/bash", in: image) == true)
        #expect(index.lists("/tmp/miner", in: image) == false)
        #expect(index.lists("/tmp/miner", in: ImageKeys(digests: [imageID])) == nil)
    }

    private func report(_ scanner: String, age: Int64, _ findings: [Severity: Int] = [:]) -> ScanDocument {
        .report(
            ScanReport(
                scanner: scanner, scannedAt: now - age,
                image: ImageKeys(digests: [digest], names: ["docker.io/library/a:1"]),
                findings: findings))
    }

    @Test func statusOfAnImage() {
        func status(_ documents: [ScanDocument], _ image: ImageKeys = ImageKeys(digests: [digest])) -> ScanStatus {
            ScanIndex(documents, maxAge: 30 * day).status(of: image, at: now)
        }
        #expect(status([]) == .unscanned)
        #expect(status([report("Trivy", age: 2 * day)]).state == .clean)
        #expect(status([report("Trivy", age: 31 * day)]).state == .stale)
        let found = status([report("Trivy", age: 2 * day), report("Grype", age: 3 * day, [.high: 2, .low: 1])])
        #expect(found.state == .findings && found.scanner == "Grype" && found.highest == .high)
        // The newest report of a scanner takes the place of its older ones, also when it is better.
        #expect(status([report("Trivy", age: 2 * day), report("Trivy", age: 3 * day, [.high: 2])]).state == .clean)
        // Another build under the same name is recognised by name only, and says so.
        let other = status([report("Trivy", age: day)], ImageKeys(digests: [imageID], names: ["docker.io/library/a:1"]))
        #expect(other.state == .clean && other.isByName)
    }

    @Test(arguments: [
        ("nginx", nil, "docker.io/library/nginx:latest"), ("a/b", "1", "docker.io/a/b:1"),
        ("localhost/x", "1", "localhost/x:1"), ("r:5000/x", nil, "r:5000/x:latest"),
        ("index.docker.io/library/n", "2", "docker.io/library/n:2"),
    ])
    func canonicalName(_ name: String, _ tag: String?, _ canonical: String) {
        #expect(ImageKeys.canonical(name, tag: tag) == canonical)
    }

    @Test func directoryIsFollowed() throws {
        let path = NSTemporaryDirectory() + "scans-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path + "/2026", withIntermediateDirectories: true)
        func write(_ name: String, _ text: String) throws {
            try text.write(toFile: path + "/" + name, atomically: true, encoding: .utf8)
        }
        let warnings = Mutex<[String]>([])
        let scans = ScanDirectory(path: path) { warning in warnings.withLock { $0.append(warning) } }
        let workload = Workload(
            id: "container/web", kind: .container, instance: "i", digest: digest,
            container: Container(id: "i", runtime: "podman", image: Image(name: "docker.io/library/nginx", tag: "1.27"))
        )
        #expect(scans.status(of: workload, at: now) == .unscanned)
        try write("broken.json", "{")
        try write("other.json", #"{"a": 1}"#)
        try write("2026/nginx.json", ReportCase.all[0].text)
        scans.read()
        scans.read()
        #expect(scans.status(of: workload, at: now).state == .findings)
        #expect(warnings.withLock(\.count) == 2, "each file once")
        try FileManager.default.removeItem(atPath: path + "/2026/nginx.json")
        scans.read()
        #expect(scans.status(of: workload, at: now) == .unscanned)
        #expect(scans.lists("/bin/sh", of: workload) == nil)
    }
}
