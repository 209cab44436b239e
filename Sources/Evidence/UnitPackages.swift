import Foundation
import Workloads

/// Which Debian package a unit's file belongs to, and who maintains it; read at the first question.
package final class UnitPackages {
    private let root: String
    private lazy var packages = read()
    private lazy var maintainers = readMaintainers()

    package init(root: String = "/var/lib/dpkg") { self.root = root }

    func package(of unitFile: String) -> String? { packages[Self.merged(unitFile)] }

    func maintainer(of package: String) -> String? { maintainers[package] }

    /// dpkg knows files by the names in the package, where `/lib` may be what is `/usr/lib` now.
    private static func merged(_ path: String) -> String {
        path.hasPrefix("/usr/lib/") ? String(path.dropFirst(4)) : path
    }

    private func read() -> [String: String] {
        var packages: [String: String] = [:]
        let directory = root + "/info"
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        where name.hasSuffix(".list") {
            guard let data = FileManager.default.contents(atPath: directory + "/" + name), data.count < 16 << 20 else {
                continue
            }
            let package = name.dropLast(5).prefix { $0 != ":" }
            for line in data.split(separator: 10)
            where line.starts(with: Self.unitPrefix) || line.starts(with: Self.usrPrefix) {
                packages[Self.merged(String(decoding: line, as: UTF8.self))] = String(package)
            }
        }
        return packages
    }

    private static let unitPrefix = Array("/lib/systemd/system/".utf8)
    private static let usrPrefix = Array("/usr/lib/systemd/system/".utf8)

    private func readMaintainers() -> [String: String] {
        guard let data = FileManager.default.contents(atPath: root + "/status") else { return [:] }
        var maintainers: [String: String] = [:]
        var package = ""
        for line in data.split(separator: 10) {
            if line.starts(with: Array("Package: ".utf8)) {
                package = String(decoding: line.dropFirst(9), as: UTF8.self)
            } else if line.starts(with: Array("Maintainer: ".utf8)) {
                maintainers[package] = String(decoding: line.dropFirst(12), as: UTF8.self)
            }
        }
        return maintainers
    }
}

extension Ownership {
    /// What a unit's file says, and the package that brought it.
    init(_ unit: Workload.Unit, _ packages: UnitPackages) {
        self.init()
        purpose = unit.description
        documentation = unit.documentation
        guard let file = unit.file, let package = packages.package(of: file) else { return }
        owner = "Debian package \(package)"
        contact = packages.maintainer(of: package)
        source = "package"
    }
}
