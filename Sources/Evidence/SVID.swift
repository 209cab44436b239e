import Events
import Foundation
import SwiftASN1
import Workloads
import X509

/// A certificate that says who a workload is, as it lay in a file that the workload read.
package struct SVID: Sendable, Hashable {
    package var id: SPIFFEID
    /// As the workload calls it.
    package var path: String
    /// Nanoseconds since the epoch.
    package var expires: Int64
    /// It was issued by one of the trust domain's own authorities; else nobody was named to ask that of.
    package var isVerified: Bool

    package init(id: SPIFFEID, path: String, expires: Int64, isVerified: Bool) {
        self.id = id
        self.path = path
        self.expires = expires
        self.isVerified = isVerified
    }

    /// A trust domain's authorities, whose certificates may be believed.
    package struct Bundle: Sendable {
        let authorities: CertificateStore

        /// Nil for what holds no certificate in PEM.
        package init?(_ pem: [UInt8]) {
            let certificates = Self.certificates(pem, most: 256)
            if certificates.isEmpty { return nil }
            authorities = CertificateStore(certificates)
        }

        static func certificates(_ pem: [UInt8], most: Int) -> [Certificate] {
            guard let documents = try? PEMDocument.parseMultiple(pemString: String(decoding: pem, as: UTF8.self)) else {
                return []
            }
            return documents.lazy.filter { $0.discriminator == Certificate.defaultPEMDiscriminator }.prefix(most)
                .compactMap { try? Certificate(pemDocument: $0) }
        }
    }

    /// Real chains are shorter; more are not read.
    private static let longestChain = 8

    /// Nil for what is no SVID of now: X509-SVID, sections 2 and 4, ask for one name that is a SPIFFE ID with a path, in
    /// a certificate that issues none.
    static func read(_ pem: [UInt8], path: String, bundle: Bundle?) async -> SVID? {
        let now = Date()
        let chain = Bundle.certificates(pem, most: longestChain)
        guard let leaf = chain.first, let id = id(of: leaf), leaf.notValidBefore <= now, now < leaf.notValidAfter else {
            return nil
        }
        var svid = SVID(
            id: id, path: path, expires: Int64(leaf.notValidAfter.timeIntervalSince1970 * 1e9), isVerified: false)
        if let bundle {
            var verifier = Verifier(rootCertificates: bundle.authorities) { RFC5280Policy() }
            let result = await verifier.validate(leaf: leaf, intermediates: CertificateStore(chain.dropFirst()))
            guard case .validCertificate = result else { return nil }
            svid.isVerified = true
        }
        return svid
    }

    private static func id(of certificate: Certificate) -> SPIFFEID? {
        if case .isCertificateAuthority = try? certificate.extensions.basicConstraints { return nil }
        guard let names = try? certificate.extensions.subjectAlternativeNames else { return nil }
        var ids: [String] = []
        for case .uniformResourceIdentifier(let name) in names { ids.append(name) }
        guard ids.count == 1, let id = SPIFFEID(ids[0]), !id.path.isEmpty else { return nil }
        return id
    }
}
