/// A dynamic loader executed by itself (`ld.so /bin/true`): the kernel calls it the executable, the program is a word.
package enum DynamicLoader {
    /// Whether a path or its last component names one: of glibc, as it was before 2.34, or of musl.
    package static func isNamed(by executable: String) -> Bool {
        let name =
            executable.utf8.lastIndex(of: UInt8(ascii: "/")).map { executable[executable.utf8.index(after: $0)...] }
            ?? executable[...]
        if name == "ld.so" { return true }
        guard name.hasPrefix("ld") else { return false }
        if name.hasPrefix("ld-linux") || name.hasPrefix("ld-musl-") || name.hasPrefix("ld64.so") { return true }
        return name.hasPrefix("ld-") && name.hasSuffix(".so") && name.dropFirst(3).first?.isNumber == true
    }

    /// Place of the program among the words: the first that is neither an option nor an option's value.
    package static func target(in arguments: [String]) -> Int? {
        var place = 1
        while place < arguments.count {
            let word = arguments[place]
            if word == "--" { return place + 1 < arguments.count ? place + 1 : nil }
            if !word.hasPrefix("-") { return place }
            place += withValue.contains(word) ? 2 : 1
        }
        return nil
    }

    /// Of glibc's rtld.c and musl's dynlink.c.
    private static let withValue: Set<String> = [
        "--library-path", "--inhibit-rpath", "--audit", "--preload", "--argv0", "--glibc-hwcaps-prepend",
        "--glibc-hwcaps-mask",
    ]
}
