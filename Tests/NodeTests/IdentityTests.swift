import Foundation
import Testing

extension NodeTests {
    /// What is known of a workload beside what it does, in the lines of what it does.
    @Suite(.needs("podman", "crun", "busybox", "openssl"), .serialized) struct IdentityTests {
        private let files = Scratch("identity")

        /// What no alert needs to say is said by every command that watches.
        @Test(arguments: ["events", "record"]) func whoItIsInWhateverIsPrinted(_ command: String) async throws {
            let box = try await Box.shared()
            let image = try await box.image("localhost/tiny:1")
            try await box.verb("podman_up")
            try await box.verb("podman_", "load", "-q", "-i", image)
            let workload = "container/driftwatch-said"
            let owners = try files.write("owners: [{workload: \(workload), owner: payments}]", to: "owners.yaml")
            let entries = try files.write(
                """
                {"entries": [
                  {"spiffe_id": "spiffe://td/prod", "selectors": [
                    {"type": "docker", "value": "env:STAGE=prod"}, {"type": "docker", "value": "label:team:a"},
                    {"type": "docker", "value": "image_id:localhost/tiny:1"}]},
                  {"spiffe_id": "spiffe://td/never", "selectors": [{"type": "docker", "value": "label:note:b"}]}]}
                """, to: "entries.json")
            let time = command == "record" ? ["--for", "10m", "--out", files / "out"] : []
            let monitor = try await Monitor(
                [command, "--workload", workload, "--owners", owners, "--spiffe-entries", entries] + time)
            try await box.verb(
                "podman_", "run", "--rm", "--pull=never", "--network=none", "--name", "driftwatch-said", "--label",
                "team=a", "--annotation", "note=b", "--env", "STAGE=prod", "--env", "PASSWORD=hidden", "--entrypoint",
                "/bin/true", "localhost/tiny:1")
            let end = try await monitor.line("its end") { $0.action == "workload-ended" }
            let lines = try await monitor.stop()
            try await box.verb("podman_down")
            #expect(end.workload == workload && end["driftwatch.owner.name"] == "payments")
            #expect(end["driftwatch.workload.spiffe_id"] == "spiffe://td/prod" && !end.text.contains("never"), "\(end)")
            #expect(!lines.contains { $0.text.contains("hidden") }, "of environments only what entries ask for is kept")
        }

        @Test func whoseItIsAndWhatTheScannerSaid() async throws {
            let box = try await Box.shared()
            let image = try await box.image("localhost/tiny:1")
            try await box.verb("podman_up")
            try await box.verb("podman_", "load", "-q", "-i", image)
            let digest = try await box.verb(
                "podman_", "image", "inspect", "--format", "{{.Digest}}", "localhost/tiny:1"
            ).trimmingCharacters(in: .whitespacesAndNewlines)
            let scanned = Date(timeIntervalSinceNow: -50 * 3600).ISO8601Format()
            _ = try files.write(
                """
                {"SchemaVersion": 2, "CreatedAt": "\(scanned)", "ArtifactName": "tiny", "ArtifactType": "container_image",
                 "Metadata": {"RepoDigests": ["localhost/tiny@\(digest)"]}}
                """, to: "scans/trivy.json")
            _ = try files.write(
                """
                {"bomFormat": "CycloneDX", "components": [{"type": "file", "name": "/bin/other"}],
                 "metadata": {"component": {"type": "container", "name": "tiny", "version": "\(digest)"}}}
                """, to: "scans/bill.json")
            let owners = try files.write(
                "owners: [{workload: container/driftwatch-*, owner: payments, expires: 2020-01-01}]", to: "owners.yaml")
            let entries = try files.write(
                """
                {"entries": [
                  {"spiffe_id": {"trust_domain": "td", "path": "/web"},
                   "selectors": [{"type": "docker", "value": "label:team:a"}]},
                  {"spiffe_id": {"trust_domain": "td", "path": "/root"},
                   "selectors": [{"type": "docker", "value": "label:team:a"}, {"type": "unix", "value": "uid:0"},
                                 {"type": "unix", "value": "path:/bin/busybox"}]}]}
                """, to: "entries.json")
            // Anyone can make one: that nobody vouches for it is said.
            let certificate = files / "svid.pem"
            try await must([
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                "2",
                "-subj", "/CN=x", "-addext", "subjectAltName=URI:spiffe://td/own", "-addext",
                "basicConstraints=critical,CA:FALSE", "-keyout", files / "key", "-out", certificate,
            ])
            let monitor = try await Monitor([
                "run", "--state", files / "state", "--learn", "3s", "--events", "all", "--workload",
                "container/driftwatch-who", "--scans",
                files / "scans", "--owners", owners, "--spiffe-entries", entries,
            ])
            try await box.verb(
                "podman_", "run", "-d", "--pull=never", "--network=none", "--name", "driftwatch-who", "--label",
                "team=a",
                "-v", "\(certificate):/run/svid.pem:ro", "--entrypoint", "/bin/sleep", "localhost/tiny:1", "300")
            try await monitor.armed("container/driftwatch-who")
            try await box.verb("podman_", "exec", "driftwatch-who", "/bin/cat", "/run/svid.pem")
            let first = try await monitor.line("alert") { $0.rule == "exec.injected" }
            #expect(first["driftwatch.scan.status"] == "clean" && first["driftwatch.scan.scanner"] == "Trivy")
            #expect(first["driftwatch.scan.in_sbom"] == false)
            let reason = first["event.reason"]?.string ?? ""
            #expect(reason.contains("drift from an image that Trivy found clean 2 days ago"), "\(reason)")
            #expect(reason.contains("does not name this program"), "\(reason)")
            #expect(first["driftwatch.owner.name"] == "payments" && first["driftwatch.owner.findings"] == ["expired"])
            #expect(first["driftwatch.workload.spiffe_id"] == "spiffe://td/web")
            #expect(first["driftwatch.workload.spiffe_source"] == "entry")
            #expect(first["driftwatch.process.spiffe_ids"] == ["spiffe://td/root", "spiffe://td/web"])
            // The certificate is looked at in the background: a later act tells.
            try await eventually("the certificate", within: .seconds(20)) {
                try await box.verb(
                    "podman_", "exec", "driftwatch-who", "/bin/touch", "/tmp/\(UUID().uuidString.prefix(4))")
                return try monitor.lines().first { $0["driftwatch.workload.svid.id"] == "spiffe://td/own" }
                    .map { #expect($0["driftwatch.workload.svid.verified"] == false) }
            }
            try await monitor.stop()
            try await box.verb("podman_down")
        }
    }
}
