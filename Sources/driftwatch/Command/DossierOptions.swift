import ArgumentParser
import Baselines
import Evidence
import Foundation

/// Files that say of workloads what the kernel cannot.
struct DossierOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Whose workloads are (YAML).", valueName: "file"))
    var owners: String?
    @Option(name: .long, help: ArgumentHelp("Registration entries of a SPIRE server (JSON).", valueName: "file"))
    var spiffeEntries: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "SPIFFE IDs by template: spiffe://{trust_domain}/ns/{ns}/sa/{sa}.", valueName: "template"))
    var spiffeTemplate: String?
    @Option(name: .long, help: ArgumentHelp("The template's {trust_domain}.", valueName: "name"))
    var spiffeTrustDomain: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Authorities whose certificates are believed to say who reads them (PEM).", valueName: "file"))
    var spiffeBundle: String?

    static let keys = ["owners", "spiffe-bundle", "spiffe-entries", "spiffe-template", "spiffe-trust-domain"]

    /// A file that cannot be read is refused: whoever names one relies on it.
    func sources(_ settings: Settings) throws -> Dossiers.Sources {
        var sources = Dossiers.Sources()
        if let path: String = try settings.value("owners", flag: owners) {
            sources.owners = try failing { try OwnerFile(Self.bytes(path, "--owners"), file: path) }
        }
        if let path: String = try settings.value("spiffe-entries", flag: spiffeEntries) {
            sources.registrations = try failing { try Registrations(Self.bytes(path, "--spiffe-entries"), file: path) }
        }
        if let path: String = try settings.value("spiffe-bundle", flag: spiffeBundle) {
            sources.bundle = SVID.Bundle(try Self.bytes(path, "--spiffe-bundle"))
            if sources.bundle == nil {
                throw Failure("--spiffe-bundle \(path) holds no certificates; write them with spire-server bundle show")
            }
        }
        if let template: String = try settings.value("spiffe-template", flag: spiffeTemplate) {
            let domain: String = try settings.value("spiffe-trust-domain", flag: spiffeTrustDomain, else: "")
            sources.template = SPIFFETemplate(template, trustDomain: domain)
            if sources.template == nil {
                let fields = SPIFFETemplate.placeholders.map { "{\($0)}" }.joined(separator: " ")
                throw Failure(
                    "--spiffe-template \(template) makes no SPIFFE ID with the trust domain \"\(domain)\"; "
                        + "write spiffe://{trust_domain}/... with \(fields), and name --spiffe-trust-domain",
                    code: .usage)
            }
        }
        return sources
    }

    static func bytes(_ path: String, _ flag: String) throws(Failure) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure("cannot read \(flag) \(path): \(reason(errno)); name a file that is there")
        }
        return Array(data)
    }
}
