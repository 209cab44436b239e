import Events

/// What a process really runs as: applets of a busybox and targets of a dynamic loader by their own name.
package struct Program: Sendable, Equatable {
    /// Without directory, login dash and version: `sh`, `python`, `nginx`.
    package var name: String
    /// Words after the program's own name.
    package var arguments: ArraySlice<String>

    /// Whether the program does what the name says that it is called by.
    static func isMultiCall(_ executable: String) -> Bool { multiCall.contains(base(executable)) }

    package init(executable: String, arguments: [String]) {
        var name = Self.base(executable)
        var rest = arguments.dropFirst()
        if DynamicLoader.isNamed(by: name) {
            if let target = DynamicLoader.target(in: arguments) {
                name = Self.base(arguments[target])
                rest = arguments[(target + 1)...]
            }
        } else if Self.multiCall.contains(name), let called = arguments.first {
            var applet = Self.base(called)
            if applet.hasPrefix("-") { applet.removeFirst() }
            if Self.multiCall.contains(applet), let second = rest.first {
                applet = Self.base(second)
                rest = rest.dropFirst()
            }
            name = applet
        }
        self.name = Self.unversioned(name)
        self.arguments = rest
    }

    /// Takes commands and runs other programs.
    package var isShell: Bool { Self.shells.contains(name) }

    package var isInterpreter: Bool { Self.interpreters.contains(name) }

    /// Runs code given as a word or typed in, not an application's own.
    var isOneLiner: Bool {
        guard isInterpreter else { return false }
        let letters = Self.codeOptions[name] ?? "e"
        for word in arguments {
            // The first word that is no option is the application; `-` is standard input.
            guard word.hasPrefix("-"), word != "-" else { return word == "-" }
            if word == "--eval" || word == "--print" { return true }
            // Letters may be joined, as in perl -lne.
            if !word.hasPrefix("--"), word.dropFirst().contains(where: letters.contains) { return true }
        }
        return false
    }

    /// Letters of the options that take code.
    private static let codeOptions: [String: String] = [
        "python": "c", "pypy": "c", "perl": "eE", "php": "rBRE", "node": "ep", "nodejs": "ep", "bun": "ep",
    ]

    private static let shells: Set<String> = [
        "sh", "ash", "hush", "bash", "rbash", "dash", "zsh", "rzsh", "ksh", "ksh93", "mksh", "lksh", "pdksh", "oksh",
        "yash", "posh", "csh", "tcsh", "fish", "pwsh", "xonsh", "nu", "elvish", "rc", "es",
    ]

    private static let interpreters: Set<String> = [
        "python", "pypy", "perl", "ruby", "php", "node", "nodejs", "deno", "bun", "lua", "luajit", "tclsh", "wish",
        "expect", "guile", "Rscript", "gjs", "irb", "jruby", "jshell", "groovy", "osascript", "qjs", "julia",
    ]

    private static let multiCall: Set<String> = ["busybox", "toybox", "busybox.static"]

    private static func base(_ path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
        return String(path[path.utf8.index(after: slash)...])
    }

    /// `python3.11` is `python`, `php-fpm8.2` is no php.
    private static func unversioned(_ name: String) -> String {
        if shells.contains(name) { return name }
        var end = name.utf8.endIndex
        while end > name.utf8.startIndex {
            let before = name.utf8.index(before: end)
            let byte = name.utf8[before]
            guard byte == 0x2e || byte == 0x2d || (0x30...0x39).contains(byte) else { break }
            end = before
        }
        let stem = String(name[..<end])
        return interpreters.contains(stem) || shells.contains(stem) ? stem : name
    }
}
