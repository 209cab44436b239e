import Events
import Foundation

/// What a file says is normal: one of ours, or of another tool.
package struct Profile: Sendable {
    package var baseline: Baseline
    /// The kinds of behaviours that it speaks of; of the others it says nothing.
    package var kinds: Set<Kind>
    /// What could not be taken, a line each with its place.
    package var leftOut: [String]

    /// All profiles of a file, or of the YAML files below a directory. `workload` says whose a profile is that does not
    /// say so itself.
    package static func load(path: String, workload: String? = nil) -> (
        profiles: [Profile], refusals: [FileRefusal]
    ) {
        var profiles: [Profile] = []
        var refusals: [FileRefusal] = []
        do {
            for file in try BaselineFile.files(path) {
                do { profiles += try read(file, workload: workload) } catch { refusals.append(error) }
            }
        } catch {
            refusals.append(error)
        }
        return (profiles, refusals)
    }

    static func read(_ path: String, workload: String?) throws(FileRefusal) -> [Profile] {
        try parse(try BaselineFile.bytes(path), file: path, workload: workload)
    }

    package static func parse(
        _ bytes: [UInt8], file: String, workload: String? = nil
    ) throws(FileRefusal) -> [Profile] {
        var profiles: [Profile] = []
        // Call stacks of Kubescape are trees of two levels a frame.
        for value in try YAMLValue.documents(bytes, file: file, deepest: 256) where !value.isNull {
            if KubescapeReader.isKubescape(value) {
                profiles += try KubescapeReader.profiles(value, workload: workload)
            } else {
                let baseline = try BaselineFile.document(value).baseline
                profiles.append(Profile(baseline: baseline, kinds: Set(Kind.allCases), leftOut: []))
            }
        }
        guard !profiles.isEmpty else { throw FileRefusal(file: file, line: 1, reason: "holds no baseline") }
        return profiles
    }

    /// The profiles of each baseline as one: Kubescape has a workload's programs in one file and its peers in another,
    /// of which only the first knows the image.
    package static func joined(_ profiles: [Profile]) -> [Profile] {
        var byKey: [BaselineKey: Profile] = [:]
        for var profile in profiles.sorted(by: { $0.baseline.key.digest ?? "" > $1.baseline.key.digest ?? "" }) {
            let key = profile.baseline.key
            let digests = byKey.keys.filter { $0.workload == key.workload }
            if key.digest == nil, profile.kinds.count < Kind.allCases.count, digests.count == 1 {
                profile.baseline.key = digests[0]
            }
            if let other = byKey[profile.baseline.key] {
                profile.baseline.spec = other.baseline.spec.union(profile.baseline.spec)
                profile.baseline.image = other.baseline.image ?? profile.baseline.image
                profile.kinds.formUnion(other.kinds)
                profile.leftOut = other.leftOut + profile.leftOut
            }
            byKey[profile.baseline.key] = profile
        }
        return byKey.values.sorted { $0.baseline.key < $1.baseline.key }
    }
}

extension BaselineSpec {
    /// The lists of some kinds from this spec, the others from another.
    package func taking(_ kinds: Set<Kind>, elseFrom other: BaselineSpec) -> BaselineSpec {
        BaselineSpec(
            exec: kinds.contains(.exec) ? exec : other.exec,
            connect: kinds.contains(.connect) ? connect : other.connect,
            listen: kinds.contains(.listen) ? listen : other.listen,
            open: kinds.contains(.open) ? open : other.open)
    }
}
