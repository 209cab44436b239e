import Baselines
import Events
import Workloads

/// The sentence that tells a tired person what happened.
package enum Explanation {
    /// Characters; long enough for one command line and what is nearest to it.
    static let limit = 500

    static func sentence(
        _ rule: Rule, _ observation: Observation, _ standing: Standing, nearest: String?, credential: Credential?,
        scan: ScanStatus = .unscanned
    ) -> String {
        // Of what came from outside the parent is not the workload's.
        let who = rule == .execInjected ? short(observation.workload) : subject(observation)
        var text = release(standing) + who + " " + deed(rule, observation, credential)
        switch rule {
        case .execReverseShell: text += ": someone outside may be typing commands"
        case .openEscape: text += ", which lies outside its container"
        default: break
        }
        if rule == .execInjected, let family = observation.family { text += entered(family) }
        if observation.isSnapshot { text += ", before the monitor started" }
        text += watched(rule, observation, standing)
        text += scanned(scan, at: observation.time)
        if let nearest, !nearest.isEmpty { text += "; nearest known: " + printable(nearest, limit: 120) }
        return bounded(text)
    }

    static func saturation(_ workload: Workload, turnedAway: [UInt64]) -> String {
        let parts = zip(Kind.allCases, turnedAway).filter { $0.1 > 0 }.map { "\($0.1) \($0.0.rawValue)" }
        return bounded(
            "\(short(workload)) makes new behaviours faster than they can be judged: "
                + "\(parts.joined(separator: ", ")) acts were counted, but not looked at")
    }

    /// By whom, and with what.
    private static func entered(_ family: Family) -> String {
        var text = ""
        if let entrant = family.entrant, !entrant.executable.isEmpty {
            let called = entrant.arguments.isEmpty ? entrant.executable : entrant.arguments.joined(separator: " ")
            text += " through " + printable(called, limit: 80)
        }
        if let uid = family.login.uid {
            text += " by \(family.loginName.map { printable($0, limit: 40) } ?? "user") (\(uid))"
        }
        if let terminal = family.login.terminal { text += " on " + printable(terminal, limit: 40) }
        return text
    }

    /// `web's nginx`.
    private static func subject(_ observation: Observation) -> String {
        let actor = observation.event.actor
        let owner = short(observation.workload)
        guard case .exec = observation.event.act else { return "\(owner)'s \(base(actor.executable.text))" }
        let parent = actor.parentExecutable.text
        return parent.isEmpty ? owner : "\(owner)'s \(base(parent))"
    }

    private static func deed(_ rule: Rule, _ observation: Observation, _ credential: Credential?) -> String {
        switch observation.event.act {
        case .exec(let exec): started(rule, observation, exec)
        case .connect(let connect):
            switch connect.peer {
            case .ip(let address):
                "connected to \(target(observation, address)) over \(connect.transport)"
            case .unix(let path):
                "connected to \(credential.map { "\($0.what), " } ?? "the socket ")\(printable(path, limit: 160))"
            case .abstract(let name): "connected to the socket @\(printable(name, limit: 160))"
            case .unseen: "made \(article(connect.transport)) \(connect.transport) socket, whose traffic is not seen"
            }
        case .listen(let listen):
            "opened port \(listen.address.port) (\(listen.transport)) on \(listen.address.ip)"
        case .open(let open):
            "\(verb(open.access)) \(credential.map { "\($0.what), " } ?? "")\(printable(open.path.text, limit: 160))"
        }
    }

    /// As the names are spoken: `an SCTP`, `an XDP`, `an IP-115`.
    private static func article(_ transport: Transport) -> String {
        switch transport {
        case .icmp, .sctp, .xdp, .other, .family: "an"
        default: "a"
        }
    }

    private static func started(_ rule: Rule, _ observation: Observation, _ exec: Exec) -> String {
        let command = printable(commandLine(observation.event.actor.executable.text, exec), limit: 160)
        switch rule {
        case .execReverseShell:
            let peer = exec.peer.map { " of \(endpoint($0))" } ?? ""
            return "started a shell (\(command)) that reads from and writes to the network connection\(peer)"
        case .execFileless:
            let how = exec.flags.contains(.fileless) ? "that never had a file" : "whose file had been deleted"
            return "ran a program \(how) (\(command))"
        case .execDropped:
            let how =
                exec.flags.contains(.upperLayer)
                ? "was written into the running container" : "is newer than the container"
            return "ran a program that is not from the image but \(how) (\(command))"
        case .execInjected: return "was entered from outside by a process (\(command))"
        case .execShell where observation.program.isShell: return "started a shell (\(command))"
        case .execShell: return "started a script interpreter (\(command))"
        default: return "started a program (\(command))"
        }
    }

    /// `after an update (from sha256:9c1b2f33d1a0 to sha256:77ab01e29d00), `.
    private static func release(_ standing: Standing) -> String {
        guard case .release(let facts, isKnown: false) = standing else { return "" }
        func name(_ digest: String?) -> String {
            digest.map { printable(String($0.prefix(19)), limit: 30) } ?? "unknown"
        }
        return "after an update (from \(name(facts.predecessor)) to \(name(facts.digest))), "
    }

    /// What makes it stand out: the time watched, the learning under way, or nothing to compare with.
    private static func watched(_ rule: Rule, _ observation: Observation, _ standing: Standing) -> String {
        switch standing {
        case .learning: return "; this is never normal, so it is not learned"
        case .unjudged: return "; this is never normal, and there is no baseline to allow it"
        case .release(_, isKnown: true): return "; no baseline makes this normal"
        case .release(let facts, isKnown: false):
            let since = facts.learnedSince.map { duration((facts.learnedUntil ?? observation.time) - $0) }
            let never = since.map { ", which it never did in the \($0) before that it was watched" }
            let text = never ?? ", which it was not known to do before"
            return rule.isReleaseDifference ? text + "; what else is new is counted, and all of it learned" : text
        case .departing(let facts, let peers):
            let watched =
                facts.learnedSince.map { " in the \(duration(observation.time - $0)) they were watched" } ?? ""
            switch rule {
            case .execReverseShell, .execFileless, .execDropped, .openCredential:
                return "; this is never normal, so it is not learned"
            default: return ", which none of its \(peers) peers did\(watched)"
            }
        case .known: return rule == .openEscape ? ", whatever its baseline knows" : "; no baseline makes this normal"
        case .unknown(let facts):
            guard let since = facts.learnedSince else { return ", which its baseline does not know" }
            let watched = duration((facts.learnedUntil ?? observation.time) - since)
            switch rule {
            // What these say of the act is enough.
            case .execReverseShell, .execFileless, .execDropped, .openEscape: return ""
            default:
                let never =
                    facts.instances > 1
                    ? "none of its \(facts.instances) instances did in the \(watched) they were watched"
                    : "it never did in the \(watched) it was watched"
                return ", which \(never)\(quality(facts))"
            }
        }
    }

    /// How far the baseline can be trusted; nothing where that is far enough.
    private static func quality(_ facts: BaselineFacts) -> String {
        guard let completeness = facts.completeness, completeness < 0.99 else { return "" }
        return " (about \(Int(completeness * 100)) % of what it does was known then)"
    }

    /// What the image promised before it ran.
    private static func scanned(_ scan: ScanStatus, at now: Int64) -> String {
        var text = ""
        if let scanner = scan.scanner {
            let name = printable(scanner, limit: 40)
            let ago = scan.scannedAt.map { " \(duration(now - $0)) ago" } ?? ""
            switch scan.state {
            case .clean: text = "; drift from an image that \(name) found clean\(ago)"
            case .stale: text = "; the last scan of its image, by \(name), was\(ago)"
            case .findings:
                let worst = scan.highest.map { "\(scan.findings[$0] ?? 0) \($0.name)" } ?? "some"
                let total = scan.findings.values.reduce(0, +)
                text = "; \(name) found \(total) weaknesses in its image\(ago), \(worst)"
            case .unscanned: break
            }
        }
        if scan.isListed == false { text += "; its image's bill of materials does not name this program" }
        return text
    }

    private static func verb(_ access: Access) -> String {
        if access.contains(.create) { return "created" }
        if !access.isDisjoint(with: [.write, .append, .truncate]) {
            return access.contains(.read) ? "opened for reading and writing" : "wrote to"
        }
        return access.contains(.read) ? "read" : "looked up"
    }

    private static func target(_ observation: Observation, _ address: SocketAddress) -> String {
        if case .connect(let connect) = observation.behaviour, case .ip(_, let domain?) = connect.peer {
            return "\(printable(domain, limit: 100)):\(address.port) (\(address.ip))"
        }
        return endpoint(address)
    }

    private static func endpoint(_ address: SocketAddress) -> String {
        address.ip.isIPv4 ? "\(address.ip):\(address.port)" : "[\(address.ip)]:\(address.port)"
    }

    /// The executable with the words that follow its name; of one that goes by many names, that name too.
    package static func commandLine(_ executable: String, _ exec: Exec) -> String {
        var text = executable
        for word in exec.arguments.dropFirst(Program.isMultiCall(executable) ? 0 : 1) {
            text += " " + word
            if text.utf8.count > 400 { break }
        }
        return text
    }

    /// What people call it: the last segment of its id, and of a pod's container also its owner.
    static func short(_ workload: Workload) -> String {
        if workload.kind == .host { return "the host" }
        let parts = workload.id.split(separator: "/")
        guard let last = parts.last else { return printable(workload.id, limit: 60) }
        if workload.kind == .k8s, parts.count == 5, parts[3] != last {
            return printable("\(parts[3])/\(last)", limit: 60)
        }
        return printable(String(last), limit: 60)
    }

    private static func base(_ path: String) -> String {
        let last = path.split(separator: "/").last.map(String.init) ?? path
        return printable(last, limit: 60)
    }

    package static func duration(seconds: Double) -> String {
        duration(Int64(min(seconds, longest) * 1e9))
    }

    /// A century: in nanoseconds it fits a signed 64-bit number.
    private static let longest = 36_525.0 * 86_400

    /// `40 minutes`, `3 days`: the largest unit of which there are at least two.
    package static func duration(_ nanoseconds: Int64) -> String {
        let seconds = max(nanoseconds / 1_000_000_000, 0)
        for (unit, length) in [("days", Int64(86400)), ("hours", 3600), ("minutes", 60)] where seconds >= 2 * length {
            return "\(seconds / length) \(unit)"
        }
        return seconds == 1 ? "1 second" : "\(seconds) seconds"
    }

    private static func bounded(_ text: String) -> String {
        guard text.unicodeScalars.count > limit else { return text }
        var cut = String.UnicodeScalarView()
        cut.append(contentsOf: text.unicodeScalars.prefix(limit - 3))
        return String(cut) + "..."
    }
}
