/// What is known of an image from before it ran.
package struct ScanStatus: Sendable, Equatable, Codable {
    package enum State: String, Sendable, Codable {
        case clean, findings, stale, unscanned
    }

    package var state: State
    package var scanner: String?
    /// Nanoseconds since the epoch.
    package var scannedAt: Int64?
    package var findings: [Severity: Int] = [:]
    /// Only the image's name agrees with the report's, not its content.
    package var isByName = false
    /// Whether the image's bill of materials names the program that was run; nil where that was not asked or is not
    /// known.
    package var isListed: Bool?

    package static let unscanned = ScanStatus(state: .unscanned)

    package init(
        state: State, scanner: String? = nil, scannedAt: Int64? = nil, findings: [Severity: Int] = [:],
        isByName: Bool = false
    ) {
        self.state = state
        self.scanner = scanner
        self.scannedAt = scannedAt
        self.findings = findings
        self.isByName = isByName
    }

    package var highest: Severity? { findings.filter { $0.value > 0 }.keys.max() }
}

/// Reports and bills of materials by the images that they are about. A value: made anew when the directory changes.
struct ScanIndex: Sendable {
    private var reports: [String: [ScanReport]] = [:]
    private var fileLists: [String: FileList] = [:]
    /// Nanoseconds after which a scan says little: new vulnerabilities are found in old images.
    let maxAge: Int64

    init(_ documents: some Sequence<ScanDocument>, maxAge: Int64) {
        self.maxAge = maxAge
        for document in documents {
            switch document {
            case .report(let report):
                for key in report.image.digests + report.image.names { reports[key, default: []].append(report) }
            case .files(let list):
                for key in list.image.digests + list.image.names
                where list.files.count > fileLists[key]?.files.count ?? 0 {
                    fileLists[key] = list
                }
            }
        }
    }

    /// Of each scanner its newest report counts; of several scanners, what any of them has found.
    func status(of image: ImageKeys, at now: Int64) -> ScanStatus {
        for (keys, isByName) in [(image.digests, false), (image.names, true)] {
            var newest: [String: ScanReport] = [:]
            for report in keys.flatMap({ reports[$0] ?? [] }) {
                if let known = newest[report.scanner], known.scannedAt ?? .min >= report.scannedAt ?? .min { continue }
                newest[report.scanner] = report
            }
            let worst = newest.values.max {
                ($0.highest?.rawValue ?? -1, $0.scannedAt ?? .min, $1.scanner)
                    < ($1.highest?.rawValue ?? -1, $1.scannedAt ?? .min, $0.scanner)
            }
            guard let worst else { continue }
            let isStale = worst.scannedAt.map { now - $0 > maxAge } ?? false
            return ScanStatus(
                state: isStale ? .stale : worst.total > 0 ? .findings : .clean, scanner: worst.scanner,
                scannedAt: worst.scannedAt, findings: worst.findings, isByName: isByName)
        }
        return .unscanned
    }

    /// Whether the image's bill of materials names the file; nil where there is none that lists files.
    func lists(_ path: String, in image: ImageKeys) -> Bool? {
        for key in image.digests + image.names {
            if let list = fileLists[key] { return list.contains(path) }
        }
        return nil
    }

    var isEmpty: Bool { reports.isEmpty && fileLists.isEmpty }
}

/// One file of a scanner.
enum ScanDocument: Sendable {
    case report(ScanReport)
    case files(FileList)

    /// Nil where the format is none that is known. `name` is the file's: it may hold the image's digest.
    init?(_ json: JSON, name: String, modified: Int64) {
        let digest = Self.digest(in: name)
        if var report = Trivy.report(json) ?? SARIF.report(json) ?? Grype.report(json) {
            if report.image.digests.isEmpty { report.image.add(digest) }
            report.scannedAt = report.scannedAt ?? modified
            self = .report(report)
        } else if var list = CycloneDX.files(json) ?? SPDX.files(json) ?? Syft.files(json) {
            if list.image.digests.isEmpty { list.image.add(digest) }
            // Paths that packages only touch, such as /usr/bin, would make everything look unlisted.
            guard list.files.count > 0 else { return nil }
            self = .files(list)
        } else {
            return nil
        }
    }

    var image: ImageKeys {
        switch self {
        case .report(let report): report.image
        case .files(let list): list.image
        }
    }

    /// `sha256-<hex>.json`, `nginx@sha256:<hex>.sarif`, `<hex>.json`.
    static func digest(in name: String) -> String? {
        for run in name.utf8.split(whereSeparator: { !ImageReference.isHex($0) }) where run.count == 64 {
            return "sha256:" + String(decoding: run, as: UTF8.self)
        }
        return nil
    }
}
