import Events

/// Trivy's JSON (`trivy image -f json`), schema 2.
enum Trivy {
    static func report(_ json: JSON) -> ScanReport? {
        guard json["SchemaVersion"].integer != nil, json["ArtifactName"].string != nil || json.has("Results") else {
            return nil
        }
        var report = ScanReport(
            scanner: "Trivy", scannedAt: json["CreatedAt"].string.flatMap(Timestamp.nanoseconds), image: ImageKeys())
        let metadata = json["Metadata"]
        report.image.add(metadata["ImageID"].string)
        for name in metadata["RepoDigests"].array + metadata["RepoTags"].array { report.image.add(name.string) }
        // Of a file system or an archive the name is a path.
        if json["ArtifactType"].string == "container_image", let name = json["ArtifactName"].string,
            !name.hasSuffix(".tar"), !name.hasPrefix("/")
        {
            report.image.add(name)
        }
        for result in json["Results"].array {
            let failed = result["Misconfigurations"].array.filter { $0["Status"].string ?? "FAIL" == "FAIL" }
            for finding in result["Vulnerabilities"].array + result["Secrets"].array + failed {
                report.findings[Severity(finding["Severity"].string), default: 0] += 1
            }
        }
        return report
    }
}
