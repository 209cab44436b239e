import Events

/// What nearly every program opens merely to start: loader cache, shared libraries, locales.
package enum StartupFiles {
    /// Read only, and in directories of the system.
    package static func contains(_ open: Open) -> Bool {
        guard open.access == .read, open.path.flags.isDisjoint(with: [.outsideRoot, .outsideMount, .detached]) else {
            return false
        }
        let path = open.path.text
        if exact.contains(path) { return true }
        if trees.contains(where: path.hasPrefix) { return true }
        return libraries.contains(where: path.hasPrefix) && isSharedObject(path)
    }

    private static let exact: Set<String> = [
        "/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/ld.so.conf", "/etc/localtime", "/etc/locale.alias",
        "/etc/ld-musl-x86_64.path", "/etc/ld-musl-aarch64.path", "/etc/gnutls/config", "/etc/ssl/openssl.cnf",
        "/usr/lib/ssl/openssl.cnf", "/etc/terminfo", "/lib/terminfo", "/etc/selinux/config",
        "/proc/filesystems", "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size",
        "/sys/devices/system/cpu/online", "/sys/devices/system/cpu/possible", "/dev/null",
    ]

    private static let trees: [String] = [
        "/usr/lib/locale/", "/usr/share/locale/", "/usr/share/i18n/", "/usr/share/zoneinfo/", "/usr/share/terminfo/",
        "/lib/terminfo/", "/usr/lib/terminfo/", "/etc/terminfo/", "/usr/share/locale-langpack/", "/etc/ld.so.conf.d/",
    ]

    private static let libraries: [String] = [
        "/lib/", "/lib32/", "/lib64/", "/libx32/", "/usr/lib/", "/usr/lib32/", "/usr/lib64/", "/usr/libx32/",
        "/usr/libexec/", "/usr/local/lib/", "/usr/local/lib64/",
    ]

    /// `libc.so`, `libc.so.6`, `libfoo-2.1.so.1.2.3`, `gconv-modules.cache`.
    private static func isSharedObject(_ path: String) -> Bool {
        let name = path.utf8.lastIndex(of: 0x2f).map { path[path.utf8.index(after: $0)...] } ?? path[...]
        if name.hasSuffix(".so") || name == "gconv-modules.cache" || name == "gconv-modules" { return true }
        guard let range = name.utf8.indices.first(where: { name[$0...].utf8.starts(with: ".so.".utf8) }) else {
            return false
        }
        return name[range...].utf8.dropFirst(4).allSatisfy { $0 == 0x2e || (0x30...0x39).contains($0) }
    }
}
