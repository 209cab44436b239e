import Baselines
import Drift
import Foundation

/// Reads the `response:` of the settings, strictly: whoever writes one relies on it.
package enum PolicyReader {
    /// Longest times for which something may be in force or wait.
    static let longestRestriction = 86_400.0
    static let longestFreeze = 3600.0
    static let longestWait = 7 * 86_400.0
    static let defaultRestriction = 600.0
    static let defaultFreeze = 300.0
    static let defaultWait = 3600.0
    private static let longestCount = 86_400.0
    private static let longestTry = 60.0

    package static func policy(_ value: YAMLValue) throws(FileRefusal) -> ResponsePolicy {
        var policy = ResponsePolicy()
        let fields = try value.mapping(
            "response", keys: ["mode", "protect", "most-per-minute", "stop-file", "policies"])
        if let mode = fields["mode"] { policy.mode = try choice(mode, "mode") }
        if let globs = fields["protect"] { policy.protected = try self.globs(globs, "protect") }
        if let most = fields["most-per-minute"] {
            policy.mostPerMinute = try most.integer("most-per-minute", in: 1...1000)
        }
        if let file = fields["stop-file"] { policy.stopFile = try path(file, "stop-file") }
        guard let list = fields["policies"] else { throw value.refusal("policies is missing: nothing would be done") }
        for item in try list.sequence("policies") {
            let next = try one(item)
            guard !policy.policies.contains(where: { $0.name == next.name }) else {
                throw item.refusal("there are two policies called \(next.name); give each a name of its own")
            }
            policy.policies.append(next)
        }
        return policy
    }

    private static func one(_ value: YAMLValue) throws(FileRefusal) -> Policy {
        let fields = try value.mapping("a policy", keys: ["name", "match", "approval", "steps"])
        guard let name = try fields["name"]?.text("name", numbersToo: true), !name.isEmpty else {
            throw value.refusal("the policy has no name")
        }
        guard let match = fields["match"] else {
            throw value.refusal("match is missing: name rules, severity, workloads or count")
        }
        guard let list = fields["steps"] else { throw value.refusal("steps is missing: nothing would be done") }
        var steps: [Step] = []
        for item in try list.sequence("steps") { steps.append(try step(item)) }
        guard !steps.isEmpty else { throw list.refusal("steps is empty: nothing would be done") }
        var policy = Policy(name: name, match: try self.match(match), steps: steps)
        if let approval = fields["approval"] { policy.approval = try self.approval(approval) }
        return policy
    }

    private static func match(_ value: YAMLValue) throws(FileRefusal) -> Match {
        var match = Match()
        let fields = try value.mapping(
            "match", keys: ["rules", "severity", "workloads", "baseline", "count", "within"])
        if let rules = fields["rules"] { match.rules = try self.rules(rules) }
        if let severity = fields["severity"] { match.severity = try severity.integer("severity", in: 1...100) }
        if let globs = fields["workloads"] { match.workloads = try self.globs(globs, "workloads") }
        if let states = fields["baseline"] {
            let known = ["learning", "candidate", "armed", "none"]
            match.baselines = []
            for item in states.isSequence ? try states.sequence("baseline") : [states] {
                let state = try item.text("baseline")
                guard known.contains(state) else { throw item.unknown("state", state, in: "baseline", known: known) }
                match.baselines.insert(state)
            }
        }
        if let count = fields["count"] { match.count = UInt64(try count.integer("count", in: 1...1_000_000)) }
        if let within = fields["within"] { match.within = try within.seconds("within", atMost: longestCount) }
        return match
    }

    /// Ids of rules, and globs of them as `exec.*`.
    private static func rules(_ value: YAMLValue) throws(FileRefusal) -> Set<Rule> {
        var rules: Set<Rule> = []
        for item in value.isSequence ? try value.sequence("rules") : [value] {
            let pattern = try item.text("rules")
            let found = Rule.allCases.filter { Glob.matchesPath(pattern, $0.id) }
            guard !found.isEmpty else { throw item.unknown("rule", pattern, known: Rule.allCases.map(\.id)) }
            rules.formUnion(found)
        }
        return rules
    }

    private static func approval(_ value: YAMLValue) throws(FileRefusal) -> Double? {
        if case (_, isPlain: _)? = try? value.scalar("approval") {
            return try value.flag("approval") ? defaultWait : nil
        }
        let fields = try value.mapping("approval", keys: ["for"])
        return try fields["for"]?.seconds("for", atMost: longestWait) ?? defaultWait
    }

    // MARK: Steps

    private static func step(_ value: YAMLValue) throws(FileRefusal) -> Step {
        let fields = try value.mapping("a step", keys: StepKind.allCases.map(\.rawValue))
        var steps: [(kind: StepKind, value: YAMLValue)] = []
        for (name, value) in fields { steps.append((StepKind(rawValue: name)!, value)) }
        guard steps.count == 1, let (kind, value) = steps.first else {
            throw value.refusal("a step is one of \(StepKind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        switch kind {
        case .notify: return .notify(try outlet(value, kind))
        case .revoke: return .revoke(try outlet(value, kind))
        case .restrict: return .restrict(try time(value, kind, defaultRestriction, atMost: longestRestriction))
        case .freeze: return .freeze(try time(value, kind, defaultFreeze, atMost: longestFreeze))
        case .kill:
            let fields = value.isNull ? nil : try value.mapping("kill", keys: ["scope"])
            return .kill(
                try fields?["scope"].map { value throws(FileRefusal) in try choice(value, "scope") } ?? .process)
        }
    }

    private static func time(
        _ value: YAMLValue, _ kind: StepKind, _ usual: Double, atMost: Double
    ) throws(FileRefusal) -> Double {
        guard !value.isNull else { return usual }
        return try value.mapping(kind.rawValue, keys: ["for"])["for"]?.seconds("for", atMost: atMost) ?? usual
    }

    private static func outlet(_ value: YAMLValue, _ kind: StepKind) throws(FileRefusal) -> Outlet {
        let fields = try value.mapping(
            kind.rawValue, keys: ["webhook", "method", "body", "secret-file", "command", "timeout"])
        guard (fields["webhook"] == nil) != (fields["command"] == nil) else {
            throw value.refusal("\(kind.rawValue) needs either a webhook or a command")
        }
        let timeout = try fields["timeout"]?.seconds("timeout", atMost: longestTry)
        if let words = fields["command"] {
            for name in ["method", "body", "secret-file"] {
                if let field = fields[name] { throw field.refusal("\(name) is for a webhook, not for a command") }
            }
            return .command(try command(words, timeout))
        }
        var webhook = Webhook(url: try url(fields["webhook"]!))
        if let method = fields["method"] { webhook.method = try choice(method, "method") }
        if let body = fields["body"] { webhook.body = try template(body, "body") }
        if let file = fields["secret-file"] {
            let path = try path(file, "secret-file")
            do throws(ActionError) { _ = try KeyFile.read(path) } catch { throw file.refusal("\(error)") }
            webhook.secretFile = path
        }
        if let timeout { webhook.timeout = timeout }
        return .webhook(webhook)
    }

    private static func command(_ value: YAMLValue, _ timeout: Double?) throws(FileRefusal) -> OutsideCommand {
        var words: [Template] = []
        for word in try value.sequence("command") { words.append(try template(word, "command")) }
        guard let program = words.first?.text else { throw value.refusal("command is empty") }
        guard program.hasPrefix("/"), !program.contains("{") else {
            throw value.refusal("command must begin with the whole path of a program, not \(program)")
        }
        guard access(program, X_OK) == 0 else {
            throw value.refusal("\(program) cannot be run: \(String(cString: strerror(errno)).lowercased())")
        }
        var command = OutsideCommand(words: words)
        if let timeout { command.timeout = timeout }
        return command
    }

    private static func url(_ value: YAMLValue) throws(FileRefusal) -> Template {
        let url = try template(value, "webhook")
        guard let parts = URLComponents(string: url.filled([:])), ["http", "https"].contains(parts.scheme),
            parts.host?.isEmpty == false
        else { throw value.refusal("webhook must be a URL of http or https, not \(url.text)") }
        return url
    }

    // MARK: Values

    private static func template(_ value: YAMLValue, _ what: String) throws(FileRefusal) -> Template {
        let text = try value.text(what, numbersToo: true)
        do throws(Template.Unknown) { return try Template(text) } catch {
            throw value.unknown("word in braces", error.word, in: what, known: Template.Field.allCases.map(\.rawValue))
        }
    }

    private static func path(_ value: YAMLValue, _ what: String) throws(FileRefusal) -> String {
        let path = try value.text(what)
        guard path.hasPrefix("/") else { throw value.refusal("\(what) must be a whole path, not \(path)") }
        return path
    }

    private static func globs(_ value: YAMLValue, _ what: String) throws(FileRefusal) -> [String] {
        let globs = try value.texts(what)
        for glob in globs {
            guard let fault = Glob.faultInPath("/" + glob) else { continue }
            throw value.refusal("bad glob \(glob) in \(what): \(fault)")
        }
        return globs
    }

    private static func choice<T: RawRepresentable & CaseIterable>(
        _ value: YAMLValue, _ what: String
    ) throws(FileRefusal) -> T where T.RawValue == String {
        let text = try value.text(what)
        guard let choice = T(rawValue: text) else {
            throw value.unknown("value", text, in: what, known: T.allCases.map(\.rawValue))
        }
        return choice
    }
}
