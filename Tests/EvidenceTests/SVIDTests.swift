import Baselines
import Crypto
import Drift
import Events
import Foundation
import SwiftASN1
import Testing
import Workloads
import X509

@testable import Evidence

/// One who issues certificates.
private struct Authority {
    let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
    let name: DistinguishedName
    var certificate: Certificate!

    init(_ common: String) throws {
        name = try DistinguishedName { CommonName(common) }
        certificate = try issue(key: key, subject: name, names: ["spiffe://td"], isAuthority: true)
    }

    func issue(
        key: Certificate.PrivateKey = .init(P256.Signing.PrivateKey()), subject: DistinguishedName? = nil,
        names: [String], dns: [String] = [], isAuthority: Bool = false, lives: TimeInterval = 3600
    ) throws -> Certificate {
        let subject = try subject ?? DistinguishedName { CommonName("workload") }
        return try Certificate(
            version: .v3, serialNumber: .init(), publicKey: key.publicKey, notValidBefore: Date() - 7200,
            notValidAfter: Date() + lives, issuer: name, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(
                    isAuthority ? BasicConstraints.isCertificateAuthority(maxPathLength: nil) : .notCertificateAuthority
                )
                SubjectAlternativeNames(
                    names.map { .uniformResourceIdentifier($0) } + dns.map { .dnsName($0) })
            }, issuerPrivateKey: self.key)
    }
}

private func pem(_ certificates: Certificate...) throws -> [UInt8] {
    Array(try certificates.map { try $0.serializeAsPEM().pemString + "\n" }.joined().utf8)
}

@Suite struct SVIDTests {
    private let authority: Authority
    private let other: Authority

    init() throws {
        authority = try Authority("td")
        other = try Authority("other")
    }

    @Test func tellsWhoReadsIt() async throws {
        let leaf = try authority.issue(names: ["spiffe://td/ns/shop/sa/web"], dns: ["web.shop"])
        let bytes = try pem(leaf, authority.certificate)
        let svid = try #require(await SVID.read(bytes, path: "/svid.pem", bundle: nil))
        #expect(svid.id.description == "spiffe://td/ns/shop/sa/web" && !svid.isVerified && svid.path == "/svid.pem")
        #expect(abs(svid.expires - Int64((Date().timeIntervalSince1970 + 3600) * 1e9)) < 60_000_000_000)
        let bundle = try #require(SVID.Bundle(try pem(authority.certificate)))
        #expect(await SVID.read(bytes, path: "/svid.pem", bundle: bundle)?.isVerified == true)
    }

    @Test func ofAnotherAuthorityIsNobodys() async throws {
        let bundle = try #require(SVID.Bundle(try pem(authority.certificate)))
        let forged = try pem(try other.issue(names: ["spiffe://td/admin"]), other.certificate)
        #expect(await SVID.read(forged, path: "/x.pem", bundle: bundle) == nil)
        #expect(SVID.Bundle(Array("hello".utf8)) == nil)
    }

    struct Bad: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var names = ["spiffe://td/a"]
        var isAuthority = false
        var lives: TimeInterval = 3600
    }

    @Test(arguments: [
        Bad(testDescription: "two names", names: ["spiffe://td/a", "spiffe://td/b"]),
        Bad(testDescription: "no SPIFFE ID", names: ["https://td/a"]),
        Bad(testDescription: "no name", names: []),
        Bad(testDescription: "a trust domain's own", names: ["spiffe://td"]),
        Bad(testDescription: "not a valid ID", names: ["spiffe://td/../a"]),
        Bad(testDescription: "an authority's", isAuthority: true),
        Bad(testDescription: "expired", lives: -60),
    ])
    func whatIsNoneIsNotTaken(_ bad: Bad) async throws {
        let leaf = try authority.issue(names: bad.names, isAuthority: bad.isAuthority, lives: bad.lives)
        #expect(await SVID.read(try pem(leaf), path: "/x.pem", bundle: nil) == nil)
    }

    @Test(arguments: [
        "", "garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n", "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
    ])
    func garbage(_ text: String) async { #expect(await SVID.read(Array(text.utf8), path: "/x", bundle: nil) == nil) }

    private func reads(
        _ path: String, _ access: Access = .read, of kind: Workload.Kind = .container, pid: UInt32 = 0,
        start: UInt64 = 0
    ) -> Observation {
        let actor = Actor(
            process: ProcessName(pid: pid, start: start), parent: .none, cgroup: 7,
            executable: ResolvedPath("/bin/app"),
            parentExecutable: ResolvedPath(""))
        let open = Open(path: ResolvedPath(path), access: access, mode: 0o100644)
        let event = Event(time: 1, key: BehaviourKey(high: 0, low: 1), actor: actor, act: .open(open))
        return Observation(
            event: event, workload: Workload(id: "\(kind)/x", kind: kind, instance: "i"), origin: .child, time: 1)
    }

    @Test func whatIsWorthALook() {
        #expect(SVIDs.mayBe(reads("/run/secrets/svid.pem")) && SVIDs.mayBe(reads("/tls/tls.crt")))
        #expect(!SVIDs.mayBe(reads("/run/secrets/svid.pem", .write)) && !SVIDs.mayBe(reads("/etc/passwd")))
        #expect(!SVIDs.mayBe(reads("/etc/ssl/certs/ca.pem")) && !SVIDs.mayBe(reads(".pem/x")))
        #expect(!SVIDs.mayBe(reads("/svid.pem", of: .host)) && !SVIDs.mayBe(reads("/svid.pem", of: .user)))
    }

    @Test(arguments: [true, false]) func ofALivingProcess(isHere: Bool) async throws {
        let path = NSTemporaryDirectory() + "svid-\(UUID().uuidString).pem"
        defer { unlink(path) }
        try Data(try pem(try authority.issue(names: ["spiffe://td/web"]))).write(to: URL(fileURLWithPath: path))
        // Under the process's own root only: a link's target is looked for there.
        let link = path.replacing(".pem", with: ".crt")
        symlink(path, link)
        defer { unlink(link) }
        let own = try #require(ProcessSnapshot.take(try Hierarchy.current()).first { $0.pid == UInt32(getpid()) })
        let dossiers = Dossiers(Dossiers.Sources())
        let act = reads(link, pid: isHere ? own.pid : 4_000_000, start: isHere ? own.start : 1)
        // Of one that is gone, another of its cgroup tells.
        dossiers.notice(act) { isHere ? [] : [own.pid] }
        for _ in 0..<1000 where dossiers.dossier(of: act.workload).svid == nil {
            try await Task.sleep(for: .milliseconds(10))
        }
        let dossier = dossiers.dossier(of: act.workload)
        #expect(dossier.svid?.id.path == "/web" && dossier.svid?.path == link)
        #expect(dossier.identities.map(\.source) == [.svid])
    }
}
