import Drift

/// A page of HTML that loads nothing and runs nothing.
///
/// Markup is what stands in this program as a literal. Whatever comes from elsewhere is text or the value of an
/// attribute, and escaped: the types leave no other way.
package struct Page {
    package private(set) var text = ""
    /// Of foreign text; what is longer is cut, and says so.
    private let limit: Int

    /// The page up to its body. `limit`: characters of one foreign text.
    package init(title: String, limit: Int = .max) {
        self.limit = limit
        raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        raw("<meta http-equiv=\"Content-Security-Policy\" content=\"")
        // Whatever a name may hold: no script, no request.
        raw("default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">")
        raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
        element("title", title)
        raw("<style>")
        raw(PageStyle.sheet)
        raw("</style></head><body><main>\n")
    }

    package mutating func end() { raw("</main></body></html>\n") }

    package mutating func raw(_ markup: StaticString) {
        markup.withUTF8Buffer { text += String(decoding: $0, as: UTF8.self) }
    }

    package mutating func write(_ content: String) { text += Self.escaped(content, limit: limit) }

    package mutating func open(_ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:]) {
        raw("<")
        raw(name)
        for (name, value) in attributes {
            raw(" ")
            raw(name)
            raw("=\"")
            write(value)
            raw("\"")
        }
        raw(">")
    }

    package mutating func close(_ name: StaticString) {
        raw("</")
        raw(name)
        raw(">")
    }

    package mutating func element(_ name: StaticString, _ content: String, class: String? = nil) {
        if let `class` { open(name, ["class": `class`]) } else { open(name) }
        write(content)
        close(name)
        raw("\n")
    }

    /// `numbers`: which columns hold numbers.
    package mutating func table(
        _ columns: [String], numbers: Set<Int> = [], class: String = "wide", _ rows: (inout Page) -> Void
    ) {
        raw("<div class=\"scroll\">")
        open("table", ["class": `class`])
        raw("<thead><tr>")
        for (index, column) in columns.enumerated() {
            open("th", ["scope": "col", "class": numbers.contains(index) ? "number" : "words"])
            write(column)
            close("th")
        }
        raw("</tr></thead><tbody>\n")
        rows(&self)
        raw("</tbody></table></div>\n")
    }

    package mutating func line(_ content: String) { element("div", content) }

    /// A word of our own: its first word is a class of the style sheet.
    package mutating func mark(_ word: String) {
        element("div", word, class: "mark " + word.prefix(while: \.isLetter))
    }

    package mutating func cell(_ lines: [String?]) {
        raw("<td>")
        self.lines(lines.compactMap(\.self))
        raw("</td>")
    }

    /// A line for each; of many the first few at once.
    package mutating func lines(_ lines: [String]) {
        for content in lines.prefix(Self.mostLines) { line(content) }
        if lines.isEmpty { line("–") }
        if lines.count > Self.mostLines {
            raw("<details><summary>")
            write("\(lines.count - Self.mostLines) more")
            raw("</summary>")
            for content in lines.dropFirst(Self.mostLines) { line(content) }
            raw("</details>")
        }
    }

    private static let mostLines = 8

    static func escaped(_ text: String, limit: Int = .max) -> String {
        var result = ""
        for character in printable(text, limit: limit).unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
