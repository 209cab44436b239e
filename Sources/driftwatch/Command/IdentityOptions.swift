import ArgumentParser
import Engines
import Evidence
import Foundation
import Logging
import Workloads

/// Who can say more of a workload than this node's kernel and runtimes.
struct IdentityOptions: ParsableArguments {
    @OptionGroup var dossiers: DossierOptions
    @OptionGroup var cluster: ClusterOptions

    struct Choice {
        var sources = Dossiers.Sources()
        /// Asked for this node's pods; nil: nobody is.
        var cluster: ClusterSettings?

        /// Words of containers' environments that registration entries ask for.
        var environment: Set<String> { sources.registrations.environment }
    }

    func choice(_ settings: Settings) throws -> Choice {
        Choice(sources: try dossiers.sources(settings), cluster: try cluster.settings(settings))
    }
}

/// What image scanners have found.
struct ScanOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Results of image scanners.", valueName: "dir"))
    var scans: String?

    static let keys = ["scan-max-age", "scans"]

    struct Choice {
        fileprivate var path: String
        fileprivate var maxAge: Int64

        func open(_ log: Logger) -> ScanDirectory {
            ScanDirectory(path: path, maxAge: maxAge, warn: { log.warning("\($0)") })
        }
    }

    /// Nil where no directory is named; one that is not there is refused.
    func choice(_ settings: Settings) throws(Failure) -> Choice? {
        guard let path: String = try settings.value("scans", flag: scans) else { return nil }
        try requireDirectory(path, for: "--scans")
        let age = try settings.value("scan-max-age", flag: Span?.none)
        return Choice(path: path, maxAge: age.map { Int64($0.seconds * 1e9) } ?? ScanDirectory.defaultMaxAge)
    }
}
