import Events

/// SARIF 2.1.0, of any scanner; which image it is about stands in properties of the run, as Trivy and Docker Scout
/// write them, or in the name of the file.
enum SARIF {
    static func report(_ json: JSON) -> ScanReport? {
        guard json.has("runs"), json["version"].string?.hasPrefix("2.") == true else { return nil }
        let runs = json["runs"].array
        guard let first = runs.first else { return nil }
        var report = ScanReport(
            scanner: first["tool"]["driver"]["name"].string ?? "SARIF", scannedAt: nil, image: ImageKeys())
        for run in runs {
            let properties = run["properties"]
            for key in ["imageID", "imageDigest", "imageName", "image"] { report.image.add(properties[key].string) }
            for name in properties["repoDigests"].array + properties["repoTags"].array { report.image.add(name.string) }
            let ended = run["invocations"].array.compactMap { call in
                (call["endTimeUtc"].string ?? call["startTimeUtc"].string).flatMap(Timestamp.nanoseconds)
            }
            report.scannedAt = (ended + [report.scannedAt].compactMap { $0 }).max()
            let rules = Rules(run)
            for result in run["results"].array where isOpen(result) {
                report.findings[rules.severity(of: result), default: 0] += 1
            }
        }
        return report
    }

    /// What passed, or somebody has accepted, is no finding.
    private static func isOpen(_ result: JSON) -> Bool {
        let kind = result["kind"].string ?? "fail"
        return kind == "fail" && result["suppressions"].array.isEmpty
    }

    private struct Rules {
        private var byID: [String: JSON] = [:]
        private let inOrder: [JSON]

        init(_ run: JSON) {
            inOrder = run["tool"]["driver"]["rules"].array
            for rule in inOrder { if let id = rule["id"].string { byID[id] = rule } }
        }

        /// The score of the rule, else the level: of the result, of the rule, else SARIF's default.
        func severity(of result: JSON) -> Severity {
            var rule = result["ruleId"].string.flatMap { byID[$0] }
            if rule == nil, let index = result["ruleIndex"].integer, inOrder.indices.contains(index) {
                rule = inOrder[index]
            }
            for properties in [result["properties"], rule?["properties"] ?? JSON(nil)] {
                if let score = properties["security-severity"].double { return Severity(score: score) }
            }
            switch result["level"].string ?? rule?["defaultConfiguration"]["level"].string ?? "warning" {
            case "error": return .high
            case "warning": return .medium
            case "note": return .low
            default: return .unknown
            }
        }
    }
}
