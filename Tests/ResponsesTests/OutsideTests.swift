import Companions
import Foundation
import Testing

@testable import Responses

/// What leaves the monitor: to servers that do not behave, and by programs that do not.
@Suite struct OutsideTests {
    private static func errand(_ outlet: Outlet, kind: StepKind = .notify) -> Errand {
        var ids = Scene.docket([kind == .notify ? .notify(outlet) : .revoke(outlet)])
        guard case .send(let errand)? = ids.take(Scene.order(), at: Scene.moment(1)).first else {
            fatalError("no errand")
        }
        return errand
    }

    /// Python's own server; its path says how it is to answer, and it prints each request.
    private static func server() throws -> (companion: Companion, url: String) {
        let script = ((#filePath as NSString).deletingLastPathComponent as NSString).deletingLastPathComponent
        let companion = try Companion(["python3", script + "/Support/webhook.py"])
        return (companion, "http://127.0.0.1:\(companion.line())")
    }

    private static func webhook(_ url: String, timeout: Double = 5) throws -> Webhook {
        var webhook = Webhook(url: try Template(url))
        webhook.timeout = timeout
        return webhook
    }

    @Test func aSignedLineArrives() async throws {
        let (companion, url) = try Self.server()
        let key = NSTemporaryDirectory() + "/hook-\(UUID().uuidString)"
        defer { unlink(key) }
        try "s3cret\n".write(toFile: key, atomically: false, encoding: .utf8)
        chmod(key, 0o600)
        var webhook = try Self.webhook(url + "/200")
        webhook.secretFile = key
        let errand = Self.errand(.webhook(webhook))
        let started = Date().timeIntervalSince1970
        #expect(try await WebhookSender().send(webhook, errand) == "answered 200")
        struct Request: Decodable { var method, path, timestamp, signature, response, body: String }
        let request = try JSONDecoder().decode(Request.self, from: Data(companion.line().utf8))
        #expect(request.method == "POST" && request.body == #"{"event":{"kind":"alert"}}"#)
        #expect(request.response == errand.values[.response])
        // By openssl, as whoever receives it would check it.
        let whole = "\(request.timestamp).\(request.body)"
        let check = try Companion([
            "sh", "-c", "printf %s '\(whole)' | openssl dgst -sha256 -hmac s3cret | sed 's/.* //'",
        ])
        #expect(request.signature == "sha256=" + check.line())
        let time = Double(request.timestamp) ?? 0
        #expect(time >= started.rounded(.down) && time <= Date().timeIntervalSince1970)
    }

    @Test(arguments: [
        ("500", 3, "it answered 500; tried 3 times"), ("429", 3, "it answered 429; tried 3 times"),
        ("404", 1, "it answered 404"),
        ("302", 1, "it redirects to /elsewhere, which is not followed; name the right address"),
        ("hang", 3, "no answer in 300ms; tried 3 times"), ("close", 3, "tried 3 times"),
    ])
    func aServerThatDoesNotBehave(_ how: String, _ tries: Int, _ why: String) async throws {
        let (companion, url) = try Self.server()
        let webhook = try Self.webhook("\(url)/\(how)", timeout: 0.3)
        let error = await #expect(throws: ActionError.self) {
            try await WebhookSender(pauses: [0.01, 0.01]).send(webhook, Self.errand(.webhook(webhook)))
        }
        #expect(error?.description.hasSuffix(why) == true, "\(error?.description ?? "none")")
        #expect(error?.description.contains("\n") == false)
        // All tries, and no more: the next request is this one.
        let last = try Self.webhook(url + "/200")
        _ = try await WebhookSender().send(last, Self.errand(.webhook(last)))
        for _ in 0..<tries { #expect(companion.line().contains("/\(how)")) }
        #expect(companion.line().contains("/200"), "it is not tried more often")
    }

    @Test func nobodyListens() async throws {
        let webhook = try Self.webhook("http://127.0.0.1:1/x")
        let error = await #expect(throws: ActionError.self) {
            try await WebhookSender(pauses: [0.01]).send(webhook, Self.errand(.webhook(webhook)))
        }
        #expect(error?.description.hasSuffix("tried 2 times") == true, "\(error?.description ?? "none")")
    }

    private static func command(_ words: String..., timeout: Double = 20) throws -> OutsideCommand {
        var command = OutsideCommand(words: try words.map { try Template($0) })
        command.timeout = timeout
        return command
    }

    @Test(arguments: [
        (#"cat"#, #"{"event":{"kind":"alert"}}"#),
        (#"echo "$DRIFTWATCH_WORKLOAD $DRIFTWATCH_STEP"; echo more"#, "oci/web notify"),
        (#"echo "$0" >&2"#, "/run/secrets/token"), ("pwd", "/"), ("ls /proc/self/fd | wc -l", "4"),
        (#"tr '\0' '\n' </proc/$$/environ | grep -v ^DRIFTWATCH_ | cut -d= -f1 | xargs"#, "PATH LANG"),
        ("yes | head -c 3000000 | tail -c 1; true", ""), ("true", ""),
        (#"printf 'a\033[31mb'"#, "a\\x1b[31mb"), ("nice", "0"),
    ])
    func aProgramIsTold(_ script: String, _ line: String) async throws {
        let command = try Self.command("/bin/sh", "-c", script, "{path}")
        #expect(try await command.run(Self.errand(.command(command))) == line, "\(script)")
    }

    @Test(arguments: [
        ("echo no; exit 3", "it ended with 3: no"), ("kill -9 $$", "it was ended by signal 9"),
        ("sleep 600", "it did not end in 500ms and was killed"),
        ("trap '' TERM INT HUP; while :; do sleep 1; done", "it did not end in 500ms and was killed"),
    ])
    func aProgramThatDoesNotBehave(_ script: String, _ why: String) async throws {
        let command = try Self.command("/bin/sh", "-c", script, timeout: script.contains("sleep") ? 0.5 : 20)
        let error = await #expect(throws: ActionError.self) { try await command.run(Self.errand(.command(command))) }
        #expect(error?.description == why)
    }

    /// What it has started goes with it.
    @Test func nothingIsLeftBehind() async throws {
        let command = try Self.command("/bin/sh", "-c", "sleep 600 >/dev/null 2>&1 & echo $!")
        let pid = try #require(pid_t(try await command.run(Self.errand(.command(command)))))
        for _ in 0..<500 where kill(pid, 0) == 0 {
            let state = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
            if state.contains(") Z ") { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(kill(pid, 0) != 0)
    }

    @Test func thereIsABound() async throws {
        let errands = Errands { _, _ in }
        let command = try Self.command("/bin/sleep", "600")
        let errand = Self.errand(.command(command))
        for number in 0..<Errands.mostAtOnce + Errands.mostWaiting {
            #expect(errands.take(errand), "\(number)")
        }
        #expect(!errands.take(errand) && !errands.isIdle)
        #expect(errands.stop().count == Errands.mostWaiting)
        while !errands.isIdle { try await Task.sleep(for: .milliseconds(10)) }
        #expect(!errands.take(errand), "it is over")
    }
}
