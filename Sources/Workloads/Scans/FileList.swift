/// The files that an image's bill of materials names.
struct FileList: Sendable, Equatable {
    /// As the tool calls itself.
    var tool: String
    var image: ImageKeys
    /// Absolute, and `merged`.
    var files: Set<String>

    func contains(_ path: String) -> Bool { files.contains(Self.merged(path)) }

    /// Packages say `/bin/sh` where `/bin` is a link to `/usr/bin`, and the kernel says `/usr/bin/sh`.
    static func merged(_ path: String) -> String {
        for directory in ["/usr/bin/", "/usr/sbin/", "/usr/lib/", "/usr/lib64/"] where path.hasPrefix(directory) {
            return String(path.dropFirst(4))
        }
        return path
    }
}

/// Syft's own JSON.
enum Syft {
    static func files(_ json: JSON) -> FileList? {
        guard json.has("artifacts"), json.has("source") else { return nil }
        var files = Set<String>()
        for file in json["files"].array { files.insertPath(file["location"]["path"].string) }
        for artifact in json["artifacts"].array {
            // A package's own list names all that it has brought.
            for file in artifact["metadata"]["files"].array { files.insertPath(file["path"].string ?? file.string) }
        }
        return FileList(tool: "Syft", image: image(json["source"]), files: files)
    }

    /// `source`, as Syft and Grype write it: older ones below `target`, newer ones below `metadata`.
    static func image(_ source: JSON) -> ImageKeys {
        var keys = ImageKeys()
        for part in [source["target"], source["metadata"]] {
            for key in ["manifestDigest", "imageID"] { keys.add(part[key].string) }
            for name in part["repoDigests"].array + part["tags"].array { keys.add(name.string) }
            if let given = part["userInput"].string, !given.hasPrefix("/"), !given.hasPrefix(".") { keys.add(given) }
        }
        return keys
    }
}

/// CycloneDX JSON: components of type `file`, and places that Syft or Trivy note beside a component.
enum CycloneDX {
    static func files(_ json: JSON) -> FileList? {
        guard json["bomFormat"].string == "CycloneDX" else { return nil }
        var keys = ImageKeys()
        let subject = json["metadata"]["component"]
        add(subject, to: &keys)
        var files = Set<String>()
        var waiting = json["components"].array
        while let component = waiting.popLast() {
            waiting += component["components"].array
            if component["type"].string == "file" { files.insertPath(component["name"].string) }
            for property in component["properties"].array {
                guard let name = property["name"].string else { continue }
                if name.hasPrefix("syft:location:"), name.hasSuffix(":path") || name == "aquasecurity:trivy:FilePath" {
                    files.insertPath(property["value"].string)
                }
            }
        }
        return FileList(tool: tool(json["metadata"]["tools"]) ?? "CycloneDX", image: keys, files: files)
    }

    private static func add(_ subject: JSON, to keys: inout ImageKeys) {
        guard subject["type"].string == "container" else { return }
        if let version = subject["version"].string, ImageKeys.isDigest(version) {
            keys.add(version)
            keys.add(subject["name"].string)
        } else if let name = subject["name"].string {
            let version = subject["version"].string
            keys.add(ImageReference.parse(name).tag == nil && version != nil ? "\(name):\(version!)" : name)
        }
        for property in subject["properties"].array {
            switch property["name"].string {
            case "aquasecurity:trivy:ImageID", "aquasecurity:trivy:RepoDigest", "aquasecurity:trivy:RepoTag":
                keys.add(property["value"].string)
            default: break
            }
        }
    }

    /// A list up to version 1.4, an object with components since 1.5.
    private static func tool(_ tools: JSON) -> String? {
        (tools.array.first ?? tools["components"].array.first)?["name"].string
    }
}

/// SPDX 2.x JSON: `files`, and the packages that are the image.
enum SPDX {
    static func files(_ json: JSON) -> FileList? {
        guard json["spdxVersion"].string?.hasPrefix("SPDX-2") == true else { return nil }
        var keys = ImageKeys()
        for package in json["packages"].array where package["primaryPackagePurpose"].string == "CONTAINER" {
            if let name = package["name"].string {
                let version = package["versionInfo"].string
                keys.add(version.map { ImageKeys.isDigest($0) ? $0 : "\(name):\($0)" } ?? name)
            }
            for sum in package["checksums"].array where sum["algorithm"].string == "SHA256" {
                if let value = sum["checksumValue"].string { keys.add("sha256:" + value) }
            }
            // pkg:oci/name@sha256%3Ahex
            for reference in package["externalRefs"].array {
                guard let locator = reference["referenceLocator"].string, locator.hasPrefix("pkg:oci/"),
                    let at = locator.firstIndex(of: "@")
                else { continue }
                let version = String(locator[locator.index(after: at)...].prefix { $0 != "?" })
                keys.add(version.replacing("%3A", with: ":").replacing("%3a", with: ":"))
            }
        }
        var files = Set<String>()
        for file in json["files"].array { files.insertPath(file["fileName"].string) }
        return FileList(tool: "SPDX", image: keys, files: files)
    }
}

extension Set<String> {
    /// Tools write `/usr/bin/x`, `./usr/bin/x` and `usr/bin/x` for the same.
    fileprivate mutating func insertPath(_ path: String?) {
        guard var rest = path?[...] else { return }
        if rest.hasPrefix("./") { rest = rest.dropFirst(2) }
        while rest.hasPrefix("/") { rest = rest.dropFirst() }
        if !rest.isEmpty { insert(FileList.merged("/" + rest)) }
    }
}
