/// A table, before it is written as HTML or as Markdown.
struct Grid {
    enum Cell {
        /// Words of our own.
        case words(String)
        /// Text that others have chosen: shown as it is, never as markup.
        case name(String)
        case names([String])
        /// Words of our own, a line each, and what is to be said last.
        case lines([String], String?)
        case number(Int)
        case time(Moment)
        /// A word of our own that is coloured by what it says.
        case mark(String)
        /// Something to type.
        case command(String)
    }

    var title: String
    var columns: [String]
    var rows: [[Cell]] = []
    /// Of how many rows it holds the first.
    var more = 0

    var isEmpty: Bool { rows.isEmpty }

    /// Which columns hold numbers.
    var numbers: Set<Int> {
        Set(
            columns.indices.filter { column in
                rows.contains { if case .number = $0[column] { true } else { false } }
            })
    }
}

/// The tables of a report, in the order of its chapters.
enum Grids {
    static func waiting(_ report: Report) -> Grid {
        Grid(
            title: "What waits for somebody", columns: ["What", "See"],
            rows: report.waiting.map { [.words($0.what), .command($0.command)] })
    }

    static func findings(_ proof: ProofChapter) -> Grid {
        Grid(
            title: "What was changed", columns: ["File", "From line", "What"],
            rows: proof.findings.map { finding in
                [.name(finding.file), finding.line.map { .number(Int($0)) } ?? .words("–"), .words(finding.what)]
            }, more: proof.moreFindings)
    }

    static func unwatched(_ coverage: CoverageChapter) -> Grid {
        Grid(
            title: "When nobody watched", columns: ["From", "To", "For", "Why"],
            rows: coverage.unwatched.first.sorted { $0.from.nanoseconds < $1.from.nanoseconds }.map { stretch in
                [
                    .time(stretch.from), .time(stretch.to),
                    .words(Words.duration(stretch.to.nanoseconds - stretch.from.nanoseconds)),
                    .words(stretch.why ?? ""),
                ]
            }, more: coverage.unwatched.more)
    }

    static func losses(_ coverage: CoverageChapter) -> Grid {
        Grid(
            title: "What was lost, or held up, while somebody watched",
            columns: ["From", "To", "Acts", "Why", "Whose", "Line"],
            rows: coverage.losses.first.map { loss in
                [
                    .time(loss.from), .time(loss.to), .number(loss.lost), .words(loss.why), .names(loss.workloads),
                    .number(Int(loss.line)),
                ]
            }, more: coverage.losses.more)
    }

    static func blind(_ coverage: CoverageChapter) -> Grid {
        Grid(
            title: "What the tier cannot see", columns: ["Gap", "What"],
            rows: coverage.blind.map { [.words($0.id), .words($0.text)] })
    }

    static func timeline(_ timeline: Timeline) -> Grid {
        Grid(
            title: "Alerts by time", columns: ["From"] + Grade.allCases.map(\.rawValue),
            rows: timeline.steps.filter { $0.total > 0 }.map { step in
                [.time(step.from)] + Grade.allCases.map { .number(step[$0]) }
            })
    }

    static func tally(_ tally: Tally, _ title: String, _ column: String) -> Grid {
        Grid(
            title: title, columns: [column, "Alerts", "First in line"],
            rows: tally.first.map { [.name($0.name), .number($0.count), .number(Int($0.line))] }, more: tally.more)
    }

    static func worst(_ alerts: AlertChapter) -> Grid {
        Grid(
            title: "The most severe", columns: ["Time", "Severity", "Rule", "Workload", "What happened", "Line"],
            rows: alerts.worst.first.map { alert in
                [
                    .time(alert.time), .mark("\(Grade(severity: alert.severity).rawValue) \(alert.severity)"),
                    .name(alert.rule), .name(alert.workload), .words(alert.reason), .number(Int(alert.line)),
                ]
            }, more: alerts.worst.more)
    }

    static func responses(_ responses: ResponseChapter) -> Grid {
        Grid(
            title: "The latest",
            columns: ["Time", "What", "Outcome", "Workload", "By policy", "About alert", "In words", "Line"],
            rows: responses.latest.first.map { response in
                let mode = response.mode == ResponseChapter.dryRun ? "dry run" : response.outcome
                return [
                    .time(response.time), .lines([response.action], response.until.map { "until \($0.text)" }),
                    .mark(mode.isEmpty ? "–" : mode),
                    .name(response.workload),
                    .name([response.policy, response.step].filter { !$0.isEmpty }.joined(separator: ", ")),
                    .name(response.alert), .words(response.reason), .number(Int(response.line)),
                ]
            }, more: responses.latest.more)
    }

    static func baselines(_ baselines: BaselineChapter) -> Grid {
        Grid(
            title: "How well it is known what is normal",
            columns: ["Workload", "Content", "State", "Known", "From", "Entries", "What is missing"],
            rows: baselines.rows.map { row in
                [
                    .name(row.workload), .name(row.digest.map { String($0.prefix(19)) } ?? "–"), .mark(row.state),
                    .words(known(row)),
                    .words("\(Words.count(row.starts, "start")), \(Words.count(row.units, "minute"))"),
                    .number(row.entries), .words(row.missing.joined(separator: "; ")),
                ]
            }, more: baselines.more)
    }

    static func known(_ row: BaselineChapter.Row) -> String {
        guard let known = row.known else { return "not learned here" }
        return
            "\(Words.percent(known.share)) (\(Words.percent(known.atLeast)) to \(Words.percent(known.atMost)))"
    }

    static func changes(_ baselines: BaselineChapter) -> Grid {
        Grid(
            title: "Who changed what is normal",
            columns: ["Time", "Who", "What", "Workload", "Why"],
            rows: baselines.changes.first.map { change in
                let undone = change.undoneBy.map { ", undone by change \($0)" } ?? ""
                return [
                    .time(change.time), .name(change.who), .words("\(change.action) (change \(change.id)\(undone))"),
                    .name(change.workload), change.reason.isEmpty ? .words("not said") : .name(change.reason),
                ]
            }, more: baselines.changes.more)
    }

    static func states(_ register: RegisterChapter) -> Grid {
        Grid(
            title: "Identities by state", columns: ["State", "Identities"],
            rows: register.states.map { [.mark($0.state), .number($0.count)] })
    }

    static func identities(_ register: RegisterChapter) -> Grid {
        Grid(
            title: "Identities, those that ask for somebody first",
            columns: ["Identity", "State", "Owner", "Findings", "Run", "Alerts ever", "Last seen"],
            rows: register.identities.map { identity in
                let findings = identity.findings + (identity.privileged ? ["privileged"] : [])
                return [
                    .name(identity.id), .mark(identity.state), identity.owner.map { .name($0) } ?? .words("–"),
                    .words(findings.joined(separator: ", ")), .number(identity.running), .number(identity.alerts),
                    .time(identity.lastSeen),
                ]
            }, more: register.moreIdentities)
    }

    static func credentials(_ register: RegisterChapter) -> Grid {
        Grid(
            title: "Credentials that were read, and by whom",
            columns: ["Credential", "Class", "Finding", "Read by", "Last read"],
            rows: register.credentials.map { credential in
                var readers = credential.readers.map {
                    "\($0.workload) by \($0.program)\($0.by == "person" ? ", a person" : "")"
                }
                if credential.readerCount > readers.count {
                    readers.append("and \(credential.readerCount - readers.count) more")
                }
                return [
                    .name(credential.path), .words(credential.class),
                    .mark(credential.findings.isEmpty ? "–" : credential.findings.joined(separator: ", ")),
                    .names(readers), .time(credential.lastRead),
                ]
            }, more: register.moreCredentials)
    }

    static func instances(_ instances: InstanceChapter) -> Grid {
        Grid(
            title: "Instances that ended, by workload", columns: ["Workload", "Instances", "First in line"],
            rows: instances.workloads.first.map { [.name($0.name), .number($0.count), .number(Int($0.line))] },
            more: instances.workloads.more)
    }

    static func controls(_ controls: [ControlResult]) -> Grid {
        Grid(
            title: controls.first?.framework ?? "", columns: ["Control", "Status", "Evidence found", "Where it ends"],
            rows: controls.map { control in
                let found = control.found.map { found in
                    let lines = found.lines.map { String($0) }
                    return found.what
                        + (lines.isEmpty
                            ? "" : " (line\(lines.count == 1 ? "" : "s") \(lines.joined(separator: ", ")))")
                }
                return [
                    .lines(["\(control.id) \(control.title)"], control.asks), .mark(control.status.rawValue),
                    .lines(found, control.because.map { "Not more, because \($0)." }), .words(control.ends),
                ]
            })
    }
}
