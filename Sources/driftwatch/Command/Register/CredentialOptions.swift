import ArgumentParser
import Evidence

/// What counts as a credential beside what is built in.
struct CredentialOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("Classes of credentials for the register, beside its own (YAML).", valueName: "file")
    )
    var credentialClasses: String?

    static let keys = ["credential-classes"]

    func classes(_ settings: Settings) throws -> CredentialClasses {
        guard let path: String = try settings.value("credential-classes", flag: credentialClasses) else {
            return CredentialClasses()
        }
        return try failing {
            try CredentialClasses(DossierOptions.bytes(path, "--credential-classes"), file: path)
        }
    }
}
