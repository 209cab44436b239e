import Events

/// Grype's JSON (`grype -o json`).
enum Grype {
    static func report(_ json: JSON) -> ScanReport? {
        guard json.has("matches"), json["descriptor"]["name"].string == "grype" || json.has("source") else {
            return nil
        }
        var report = ScanReport(
            scanner: "Grype", scannedAt: json["descriptor"]["timestamp"].string.flatMap(Timestamp.nanoseconds),
            image: Syft.image(json["source"]))
        for match in json["matches"].array {
            report.findings[Severity(match["vulnerability"]["severity"].string), default: 0] += 1
        }
        return report
    }
}
