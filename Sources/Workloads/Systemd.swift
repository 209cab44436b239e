import Foundation

/// Reads systemd's names out of a cgroup's path.
struct SystemdUnit: Equatable {
    enum Owner: Equatable {
        case unit(String)
        case user(UInt32)
    }
    var owner: Owner
    /// How many components of the path belong to the unit itself; what is below is its own affair.
    var depth: Int
    /// The name without its type, of services.
    var service: String?

    /// Nil where no unit is on the path, or one that a service manager would not have put there.
    ///
    /// Only slices stand above a unit, so a workload cannot pass for another unit by a cgroup's name: what it makes is
    /// below its own. `user@1000.service` and all sessions belong to the user.
    init?(path: String) {
        var user: UInt32?
        let components = path.split(separator: "/")
        for (index, component) in components.enumerated() {
            let name = Self.unescape(component)
            if name.hasSuffix(".slice") {
                if index > 0, components[0] == "user.slice", let uid = Self.number(name, "user-", ".slice") {
                    user = uid
                }
                continue
            }
            guard
                name.hasSuffix(".service") || name.hasSuffix(".scope") || name.hasSuffix(".socket")
                    || name.hasSuffix(".mount") || name.hasSuffix(".swap")
            else { return nil }
            depth = index + 1
            if let user {
                owner = .user(user)
            } else {
                owner = .unit(Self.template(of: name))
                if name.hasSuffix(".service") { service = String(Self.template(of: name).dropLast(8)) }
            }
            return
        }
        return nil
    }

    /// `getty@tty1.service` is an instance of `getty@.service`.
    static func template(of name: String) -> String {
        guard let dot = name.lastIndex(of: ".") else { return name }
        // The scope of a container's monitor has the container's id for an instance.
        if let dash = name[..<dot].lastIndex(of: "-"), name.utf8.distance(from: dash, to: dot) == 65,
            name[name.index(after: dash)..<dot].utf8.allSatisfy(ImageReference.isHex),
            name.hasPrefix("libpod-conmon-") || name.hasPrefix("crio-conmon-")
        {
            return String(name[..<dash] + name[dot...])
        }
        guard let at = name.firstIndex(of: "@"), at != name.startIndex, at < dot else { return name }
        return String(name[...at] + name[dot...])
    }

    private static func number(_ name: String, _ prefix: String, _ suffix: String) -> UInt32? {
        guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
        return UInt32(name.dropFirst(prefix.count).dropLast(suffix.count))
    }

    /// systemd puts an underscore before names that would collide with the kernel's own files (cg_escape()).
    static func unescape(_ component: Substring) -> String {
        component.hasPrefix("_") && component.dropFirst().contains(".")
            ? String(component.dropFirst()) : String(component)
    }

    /// A scope that a runtime asked systemd for names the container: `docker-<id>.scope`, or `.../container` of crun below.
    static func containerID(scope: Substring) -> String? {
        guard scope.hasSuffix(".scope") else { return nil }
        let name = scope.dropLast(6)
        for prefix in ["cri-containerd-", "docker-", "libpod-", "crun-", "runc-", "crio-"] where name.hasPrefix(prefix)
        {
            let id = name.dropFirst(prefix.count)
            // conmon's own scope names the container it watches, and is no container.
            if id.isEmpty || id.hasPrefix("conmon-") { return nil }
            return String(id)
        }
        return nil
    }
}

/// Names of users and groups by number, asked once each.
package final class UserNames {
    private var known: [UInt32: String?] = [:]
    private var knownGroups: [UInt32: String?] = [:]

    package init() {}

    package func group(_ gid: UInt32) -> String? {
        if let name = knownGroups[gid] { return name }
        var entry = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        var buffer = [CChar](repeating: 0, count: 16384)
        var name: String?
        if getgrgid_r(gid, &entry, &buffer, buffer.count, &found) == 0, found != nil, let text = entry.gr_name {
            name = String(cString: text)
        }
        if knownGroups.count >= 4096 { knownGroups.removeAll() }
        knownGroups[gid] = name
        return name
    }

    package func name(_ uid: UInt32) -> String? {
        if let name = known[uid] { return name }
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16384)
        var name: String?
        if getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, found != nil, let text = entry.pw_name {
            name = String(cString: text)
        }
        // Whoever starts more users' sessions than that has them looked up again.
        if known.count >= 4096 { known.removeAll() }
        known[uid] = name
        return name
    }
}

extension SystemdUnit {
    /// The first file that systemd would read for a unit.
    static func file(of name: String) -> (path: String, text: String)? {
        // Search order of systemd.unit(5); a template's instance may have a file of its own.
        let names = template(of: name) == name ? [name] : [name, template(of: name)]
        for directory in [
            "/etc/systemd/system", "/run/systemd/transient", "/run/systemd/system",
            "/run/systemd/generator", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
        ] {
            for name in names {
                let path = "\(directory)/\(name)"
                if let text = Files.text(path) { return (path, text) }
            }
        }
        return nil
    }

    /// Names one run of a unit: systemd keeps a link for each that it started, for journald to read.
    static func invocation(of name: String) -> String? {
        Files.link("/run/systemd/units/invocation:" + name).flatMap { id in
            id.utf8.count == 32 && id.utf8.allSatisfy(ImageReference.isHex) ? id : nil
        }
    }

    /// The program of a service's ExecStart; nil where there is none.
    static func command(of name: String) -> String? {
        name.hasSuffix(".service") ? file(of: name).flatMap { command(unitFile: $0.text) } : nil
    }

    /// What a unit's file says of itself.
    static func unit(named name: String) -> Workload.Unit {
        guard let file = file(of: name) else { return Workload.Unit(name: name) }
        return Workload.Unit(
            name: name, file: file.path, description: value(of: "Description", unitFile: file.text),
            documentation: value(of: "Documentation", unitFile: file.text))
    }

    /// Of the section [Unit].
    static func value(of key: String, unitFile text: String) -> String? {
        var section: Substring = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("[") { section = line }
            guard section.hasPrefix("[Unit]"), line.hasPrefix(key + "=") else { continue }
            let value = line.dropFirst(key.utf8.count + 1).trimmingCharacters(in: .whitespaces)
            if !value.isEmpty { return value }
        }
        return nil
    }

    static func command(unitFile text: String) -> String? {
        var section: Substring = ""
        for line in text.split(separator: "\n") {
            let line = line.drop { $0 == " " || $0 == "\t" }
            if line.hasPrefix("[") { section = line }
            guard section.hasPrefix("[Service]"), line.hasPrefix("ExecStart") else { continue }
            let rest = line.dropFirst(9).drop { $0 == " " }
            guard rest.first == "=" else { continue }
            // Prefixes say how to run it; the path may be quoted.
            let value = rest.dropFirst().drop { " @-:+!|".contains($0) }
            let path = value.first == "\"" ? value.dropFirst().prefix { $0 != "\"" } : value.prefix { $0 != " " }
            if path.hasPrefix("/"), !path.contains("%"), !path.contains("$") { return String(path) }
        }
        return nil
    }
}
