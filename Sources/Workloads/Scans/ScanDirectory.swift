import Dispatch
import Foundation
import Synchronization

/// A directory of scanners' results, followed in the background: whoever asks never waits for a file.
package final class ScanDirectory: Sendable {
    /// Reports of large images have tens of MiB.
    static let largest = 64 << 20
    /// Files that are looked at.
    static let most = 10_000
    /// A scan of last month is still something; a pipeline that scans has done so since.
    package static let defaultMaxAge: Int64 = 30 * 86_400 * 1_000_000_000

    private struct Known {
        var stamp: Files.Stamp
        var document: ScanDocument?
    }

    private let path: String
    private let maxAge: Int64
    private let warn: @Sendable (String) -> Void
    private let index: Mutex<ScanIndex>
    private let queue = DispatchQueue(label: "driftwatch.scans", qos: .utility)
    private let known = Mutex<[String: Known]>([:])
    // Set up before anyone else sees this, afterwards only kept.
    private nonisolated(unsafe) let timer: any DispatchSourceTimer

    /// Reads what is there in the background, and looks for changes every few seconds. `warn` takes one line per file
    /// that is left out, once per change of it.
    package init(path: String, maxAge: Int64 = defaultMaxAge, warn: @escaping @Sendable (String) -> Void) {
        self.path = path
        self.maxAge = maxAge
        self.warn = warn
        index = Mutex(ScanIndex([], maxAge: maxAge))
        timer = DispatchSource.makeTimerSource(queue: queue)
        timer.schedule(deadline: .now(), repeating: .seconds(3), leeway: .seconds(1))
        timer.setEventHandler { [weak self] in self?.read() }
        timer.activate()
    }

    deinit { timer.cancel() }

    package func status(of workload: Workload, at now: Int64) -> ScanStatus {
        let keys = workload.imageKeys
        guard !keys.isEmpty else { return .unscanned }
        return index.withLock { $0 }.status(of: keys, at: now)
    }

    /// Whether the image's bill of materials names an executable; nil where nobody has listed its files.
    package func lists(_ executable: String, of workload: Workload) -> Bool? {
        let keys = workload.imageKeys
        return keys.isEmpty ? nil : index.withLock { $0 }.lists(executable, in: keys)
    }

    /// Reads what has changed, now.
    package func read() {
        let changed = known.withLock { known in
            var found: [String: Known] = [:]
            var changed = false
            for name in Files.tree(of: path, limit: Self.most) where Self.isCandidate(name) {
                guard let stamp = Files.Stamp(path: path + "/" + name) else { continue }
                if let before = known[name], before.stamp == stamp {
                    found[name] = before
                } else {
                    found[name] = Known(stamp: stamp, document: parse(name, stamp))
                    changed = true
                }
            }
            changed = changed || found.count != known.count
            known = found
            return changed
        }
        guard changed else { return }
        let fresh = ScanIndex(known.withLock { $0.values.compactMap(\.document) }, maxAge: maxAge)
        index.withLock { $0 = fresh }
    }

    private static func isCandidate(_ name: String) -> Bool { name.hasSuffix(".json") || name.hasSuffix(".sarif") }

    private func parse(_ name: String, _ stamp: Files.Stamp) -> ScanDocument? {
        let file = path + "/" + name
        do throws(Files.Failure) {
            guard let json = JSON(bytes: try Files.read(file, limit: Self.largest)) else {
                warn("\(file): not readable as JSON; it is left out")
                return nil
            }
            let modified = Int64(stamp.seconds) * 1_000_000_000
            guard let document = ScanDocument(json, name: name, modified: modified) else {
                warn("\(file): no report of Trivy, Grype, SARIF, CycloneDX, SPDX or Syft; it is left out")
                return nil
            }
            if document.image.isEmpty {
                warn("\(file): does not say which image it is about; put the digest into the file's name")
                return nil
            }
            return document
        } catch {
            if case .unusable(let reason) = error { warn("\(file): \(reason); it is left out") }
            return nil
        }
    }
}

extension Workload {
    /// By what a scanner may have known this image.
    var imageKeys: ImageKeys {
        var keys = ImageKeys()
        guard let image = container?.image else { return keys }
        for digest in image.digests { keys.add(digest) }
        keys.add(digest)
        if !ImageReference.isBareID(image.name) { keys.add(image.reference) }
        return keys
    }
}
