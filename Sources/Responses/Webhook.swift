import AsyncHTTPClient
import Crypto
import Events
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// An address that an alert, or what is to be done about it, is sent to.
package struct Webhook: Sendable, Equatable {
    package enum Method: String, Sendable, CaseIterable {
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    package var url: Template
    package var method = Method.post
    /// Instead of the alert's line; values are escaped as in a string of JSON.
    package var body: Template?
    package var secretFile: String?
    /// Seconds that one try may take.
    package var timeout = 5.0

    package init(url: Template) { self.url = url }
}

/// Sends to webhooks: signed, tried again a few times where that may help, never led elsewhere.
struct WebhookSender: Sendable {
    /// Seconds to wait before each further try.
    var pauses = [0.5, 2, 5]

    /// Never shut down: it lives as long as the process.
    private static let client = {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(5)
        configuration.decompression = .disabled
        configuration.httpVersion = .http1Only
        // Nobody who listens is told at once: another try is this sender's to make.
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: configuration)
    }()

    private enum Answer {
        case taken(String)
        /// Another try will not help.
        case refused(String)
        case failed(String)
    }

    /// What it answered, as a phrase.
    func send(_ webhook: Webhook, _ errand: Errand) async throws(ActionError) -> String {
        var last = ""
        for attempt in 0...pauses.count {
            if attempt > 0 {
                do { try await Task.sleep(for: .seconds(pauses[attempt - 1])) } catch {
                    throw ActionError("\(last); given up at the end of the monitor")
                }
            }
            switch await once(webhook, errand) {
            case .taken(let answer): return answer
            case .refused(let why): throw ActionError(why)
            case .failed(let why): last = why
            }
        }
        throw ActionError("\(last); tried \(pauses.count + 1) times")
    }

    private func once(_ webhook: Webhook, _ errand: Errand) async -> Answer {
        let body = webhook.body.map { Array($0.filled(errand.values, quote: Template.inJSON).utf8) } ?? errand.line
        var request = HTTPClientRequest(url: webhook.url.filled(errand.values, quote: Template.inURL))
        request.method = HTTPMethod(rawValue: webhook.method.rawValue)
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "User-Agent", value: "driftwatch")
        // The same at each try, so that a receiver can tell a repeat.
        request.headers.add(name: "X-Driftwatch-Response", value: errand.values[.response] ?? "")
        let time = String(Int(Date().timeIntervalSince1970))
        request.headers.add(name: "X-Driftwatch-Timestamp", value: time)
        if let file = webhook.secretFile {
            // Read again each time: whoever rotates it need not restart the monitor.
            do throws(ActionError) {
                let signature = Self.signature(of: body, at: time, by: try KeyFile.read(file))
                request.headers.add(name: "X-Driftwatch-Signature", value: signature)
            } catch { return .refused("\(error)") }
        }
        request.body = .bytes(ByteBuffer(bytes: body))
        do {
            let limit = TimeAmount.nanoseconds(Int64(webhook.timeout * 1e9))
            let response = try await Self.client.execute(request, timeout: limit)
            let status = response.status
            switch status.code {
            case 200..<300: return .taken("answered \(status.code)")
            case 300..<400:
                let target = response.headers.first(name: "Location").map { " to \($0.prefix(100))" } ?? ""
                return .refused("it redirects\(target), which is not followed; name the right address")
            case 408, 429, 500...: return .failed("it answered \(status.code)")
            default: return .refused("it answered \(status.code)")
            }
        } catch let error as HTTPClientError where error == .deadlineExceeded || error == .connectTimeout {
            return .failed("no answer in \(TimeSpan.text(webhook.timeout))")
        } catch let error as HTTPClientError {
            return .failed(error.shortDescription)
        } catch {
            return .failed(String("\(error)".prefix(200)))
        }
    }

    /// HMAC-SHA256 of `TIMESTAMP.BODY`: a line that was caught on its way cannot be sent again later.
    static func signature(of body: [UInt8], at time: String, by key: [UInt8]) -> String {
        var code = HMAC<SHA256>(key: SymmetricKey(data: key))
        code.update(data: Array((time + ".").utf8))
        code.update(data: body)
        return "sha256="
            + code.finalize().reduce(into: "") { text, byte in
                text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
    }
}
