import ArgumentParser
import Baselines
import Drift
import Events
import Foundation

/// In whose words a baseline is written.
enum ExportFormat: String, CaseIterable, ExpressibleByArgument {
    case baseline, kubescape, applicationprofile, networkneighborhood, apparmor, networkpolicy

    var draft: Draft.Format? { Draft.Format(rawValue: rawValue) }
    var ending: String { self == .apparmor ? "apparmor" : self == .baseline ? "yaml" : "\(rawValue).yaml" }
    /// Of those a document is of a pod with all its containers.
    var isOfPods: Bool { [.applicationprofile, .networkneighborhood, .networkpolicy].contains(self) }
}

struct ExportBaselines: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write kept baselines as files: for review, or as drafts for other tools.",
        discussion: """
            What the other tool has no words for is told on standard error, a line each.

            Example:
              driftwatch baseline export 'container/*' --out baselines/
              driftwatch baseline export 'k8s/shop/**' --as networkpolicy
            """)

    @OptionGroup var state: StateOptions
    @Argument(help: "Only workloads that match.") var workload: [String] = []
    @Option(
        name: .long, help: ArgumentHelp("A file each in this directory, else all to standard output.", valueName: "dir")
    )
    var out: String?
    @Option(name: .customLong("as"), help: "In which tool's words; kubescape is a ContainerProfile each.")
    var format = ExportFormat.baseline

    func run() throws {
        let store = try state.store()
        let filter = WorkloadFilter(workload)
        let baselines = try failing { try store.baselines() }.filter { filter.admits($0.key.workload) }.map { stored in
            try failing { try store.current(stored.key) } ?? stored.baseline
        }
        guard !baselines.isEmpty || workload.isEmpty else {
            throw Failure(
                "no baseline of \(workload.joined(separator: ", ")); driftwatch baseline list shows those that are there"
            )
        }
        guard let format = format.draft else { return try write(baselines) }
        try write(baselines, as: format)
    }

    private func write(_ baselines: [Baseline]) throws(Failure) {
        guard let out else {
            print(BaselineWriter.stream(baselines), terminator: "")
            return
        }
        try create(out)
        for baseline in baselines {
            try writeWhole(BaselineWriter.file(baseline), to: "\(out)/\(baseline.fileName).yaml")
        }
    }

    private func write(_ baselines: [Baseline], as format: Draft.Format) throws(Failure) {
        let groups: [(name: String, baselines: [Baseline])]
        if out == nil {
            groups = [("", baselines)]
        } else if self.format.isOfPods {
            let pods = Dictionary(grouping: baselines) { baseline in
                baseline.key.workload.split(separator: "/").prefix(4).joined(separator: "/")
            }
            groups = pods.sorted { $0.key < $1.key }.map { (Baseline(key: BaselineKey(workload: $0)).fileName, $1) }
        } else {
            groups = baselines.map { ($0.fileName, [$0]) }
        }
        if let out { try create(out) }
        var isEmpty = true
        for group in groups {
            let draft = Draft.of(group.baselines, as: format)
            for line in draft.leftOut { Main.report(printable(line)) }
            if draft.text.isEmpty { continue }
            isEmpty = false
            if let out {
                try writeWhole(draft.text, to: "\(out)/\(group.name).\(self.format.ending)")
            } else {
                print(draft.text, terminator: "")
            }
        }
        if isEmpty, !baselines.isEmpty { throw Failure("none of these baselines can be a \(format.rawValue)") }
    }

    private func create(_ directory: String) throws(Failure) {
        do { try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true) } catch {
            throw Failure("cannot create \(directory): \(reason(errno)); choose a directory that can be written")
        }
    }
}

struct ImportBaselines: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take reviewed files as the armed baselines; their status is ignored.",
        discussion: """
            Takes Kubescape's ApplicationProfile, NetworkNeighborhood and ContainerProfile too, and lists of them. What of
            them a baseline has no words for is told on standard error, a line each.

            Example:
              driftwatch baseline import baselines/container_web.yaml
              kubectl get applicationprofiles,networkneighborhoods -A -o yaml > all.yaml; driftwatch baseline import all.yaml
            """)

    @OptionGroup var state: StateOptions
    @OptionGroup var reason: ReasonOptions
    @Option(name: .long, help: ArgumentHelp("Whose a profile is that does not say so itself.", valueName: "id"))
    var workload: String?
    @Argument(help: "Files and directories.") var paths: [String]

    func run() throws {
        var profiles: [Profile] = []
        var refusals: [FileRefusal] = []
        for path in paths {
            guard FileManager.default.fileExists(atPath: path) else {
                throw Failure("\(path) is not there; name a file or directory")
            }
            let loaded = Profile.load(path: path, workload: workload)
            if loaded.profiles.isEmpty, loaded.refusals.isEmpty { throw nothingIn(path) }
            profiles += loaded.profiles
            refusals += loaded.refusals
        }
        if !profiles.isEmpty {
            let store = try failing { try Store.attachOrCreate(directory: state.directory()) }
            for profile in Profile.joined(profiles) { try take(profile, into: store) }
        }
        // One bad file costs that file, not the others.
        try fail(with: refusals)
    }

    private func take(_ profile: Profile, into store: Store) throws(Failure) {
        for line in profile.leftOut { Main.report(printable(line)) }
        var baseline = profile.baseline
        let unsaid = Kind.allCases.filter { !profile.kinds.contains($0) }
        if !unsaid.isEmpty {
            let known = try failing { try store.current(baseline.key) }?.spec
            baseline.spec = baseline.spec.taking(profile.kinds, elseFrom: known ?? BaselineSpec())
            let names = unsaid.map(\.rawValue).joined(separator: " and ")
            Main.report(
                printable("\(baseline.key): ")
                    + (known == nil
                        ? "says nothing of \(names), and each of these will be an anomaly; import both profiles together"
                        : "says nothing of \(names); what was known of these stays"))
        }
        try failing { try store.importBaseline(baseline, who: reason.who, why: reason.reason) }
        print("\(printable("\(baseline.key)")): imported, \(baseline.spec.count) entries")
    }
}
