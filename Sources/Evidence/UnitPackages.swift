import Dispatch
import Foundation
import Synchronization
import Workloads

/// Which Debian package a unit's file belongs to, and who maintains it; read in the background at the first question.
package final class UnitPackages: Sendable {
    enum Answer: Equatable {
        case known(package: String, maintainer: String?)
        /// Of no package, or there are none here.
        case none
        case pending
    }

    private struct Lists {
        /// By the unit's file.
        var packages: [String: String] = [:]
        var maintainers: [String: String] = [:]
    }
    private enum State {
        case unread, reading
        case read(Lists)
    }
    private let state = Mutex(State.unread)
    private let root: String
    private let waits: Bool
    /// Largest list of files, and largest of packages.
    private static let largest = 64 << 20

    /// `waits`: for a command that prints once.
    package init(root: String = "/var/lib/dpkg", waits: Bool = false) {
        self.root = root
        self.waits = waits
    }

    func package(ofUnit file: String) -> Answer {
        let (lists, isFirst) = state.withLock { state -> (Lists?, Bool) in
            switch state {
            case .read(let lists): return (lists, false)
            case .reading: return (nil, false)
            case .unread:
                state = .reading
                return (nil, true)
            }
        }
        guard let lists else {
            if isFirst, waits {
                read()
                return package(ofUnit: file)
            }
            if isFirst { DispatchQueue.global(qos: .utility).async { self.read() } }
            return .pending
        }
        guard let package = lists.packages[Self.merged(file)] else { return .none }
        return .known(package: package, maintainer: lists.maintainers[package])
    }

    /// dpkg knows files by the names in the package, where `/lib` may be what is `/usr/lib` now.
    private static func merged(_ path: String) -> String {
        path.hasPrefix("/usr/lib/") ? String(path.dropFirst(4)) : path
    }

    private func read() {
        let lists = Lists(packages: packages(), maintainers: maintainers())
        state.withLock { $0 = .read(lists) }
    }

    private func packages() -> [String: String] {
        var packages: [String: String] = [:]
        let directory = root + "/info"
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        where name.hasSuffix(".list") {
            let package = name.dropLast(5).prefix { $0 != ":" }
            for line in lines(directory + "/" + name)
            where line.starts(with: Self.unitPrefix) || line.starts(with: Self.usrPrefix) {
                packages[Self.merged(String(decoding: line, as: UTF8.self))] = String(package)
            }
        }
        return packages
    }

    private static let unitPrefix = Array("/lib/systemd/system/".utf8)
    private static let usrPrefix = Array("/usr/lib/systemd/system/".utf8)

    private func maintainers() -> [String: String] {
        var maintainers: [String: String] = [:]
        var package = ""
        for line in lines(root + "/status") {
            if line.starts(with: Array("Package: ".utf8)) {
                package = String(decoding: line.dropFirst(9), as: UTF8.self)
            } else if line.starts(with: Array("Maintainer: ".utf8)) {
                maintainers[package] = String(decoding: line.dropFirst(12), as: UTF8.self)
            }
        }
        return maintainers
    }

    private func lines(_ path: String) -> [Data] {
        guard let data = FileManager.default.contents(atPath: path), data.count <= Self.largest else { return [] }
        return data.split(separator: 10)
    }
}

extension Ownership {
    /// What a unit's file says, and the package that brought it.
    init(_ unit: Workload.Unit, _ package: UnitPackages.Answer) {
        self.init()
        purpose = unit.description
        documentation = unit.documentation
        guard case .known(let package, let maintainer) = package else { return }
        owner = "Debian package \(package)"
        contact = maintainer
        source = "package"
    }
}
