import Foundation
import Probes
import Testing

/// docs/evasions.md is what the tests check, row by row.
@Suite struct CatalogueTests {
    @Test func documentHoldsEveryCase() throws { try Document.holds(Self.table(), in: "evasions.md") }

    @Test func idsAreUnique() {
        let ids = Act.all.map(\.name) + Case.all.map(\.id)
        #expect(Set(ids).count == ids.count, "\(ids.sorted())")
    }

    private static func table() throws -> String {
        var rows = ["| case | what is done | what is said | fentry | tracepoint |", "|---|---|---|---|---|"]
        let stories = try stories()
        for act in Act.all {
            let said = stories[act.name, default: ["nothing"]].joined(separator: ", ")
            rows.append(row(act.name, act.what, said, cell(act.gap, .fentry), cell(act.gap, .tracepoint)))
        }
        for one in Case.all { rows.append(row(one.id, one.what, one.says, "seen", "seen")) }
        return rows.joined(separator: "\n") + "\n"
    }

    private static func row(_ id: String, _ cells: String...) -> String { Document.row(["`\(id)`"] + cells) }

    private static func cell(_ gap: String?, _ tier: Tier) -> String {
        guard let gap, Gap.gaps(of: tier).contains(where: { $0.id == gap }) else { return "seen" }
        return "gap `\(gap)`"
    }

    /// What Tests/Fixtures/events holds of each workload, in short.
    private static func stories() throws -> [String: [String]] {
        var stories: [String: [String]] = [:]
        for kind in ["open", "exec", "connect", "listen"] {
            for text in try read("\(Node.fixtures)/events/\(kind).jsonl").split(separator: "\n") {
                let line = try Line(String(text))
                let name = line.workload.split(separator: "/").last.map(String.init) ?? ""
                let story = short(line).replacing("/tmp/driftwatch-node/\(name)", with: "…")
                    .replacing("/tmp/driftwatch-node/bin", with: "…").replacing(/(\/[dx]{200})+/, with: "/…")
                stories[name, default: []].append("`\(story)`")
            }
        }
        return stories
    }

    private static func short(_ line: Line) -> String {
        let truncated = line["driftwatch.truncated"] == nil ? "" : " truncated"
        switch line.action {
        case "open": return words(line, "driftwatch.file.access") + " " + printable(line.file) + truncated
        case "exec":
            let flags = ["fileless", "deleted"].filter { line["driftwatch.exec.\($0)"] == true }
            let asked = line["driftwatch.exec.filename"]?.string ?? ""
            let program = line["driftwatch.exec.program"]?.string.map { [", runs \($0)"] } ?? []
            return ([line.executable + (asked == line.executable ? "" : ", asked for \(asked)")] + program).joined()
                + flags.map { ", " + $0 }.joined() + truncated
        case "connect":
            let transport = line["network.transport"]?.string ?? ""
            guard let port = line["destination.port"]?.integer else {
                return transport + " " + (line["destination.address"]?.string ?? "")
            }
            return "\(transport) \(line["destination.ip"]?.string ?? "") \(port)"
        default:
            return "\(line["network.transport"]?.string ?? "") \(line["source.ip"]?.string ?? "") "
                + "\(line["source.port"]?.integer ?? 0)"
        }
    }

    private static func words(_ line: Line, _ path: String) -> String {
        (line[path]?.array ?? []).compactMap(\.string).joined(separator: "+")
    }

    private static func printable(_ text: String) -> String {
        text.unicodeScalars.map {
            $0.value < 32 || $0.value == 127 ? "\\u{\(String($0.value, radix: 16))}" : String($0)
        }
        .joined()
    }
}
