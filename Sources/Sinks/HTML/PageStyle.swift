/// How the pages look: on a bright screen, in the dark, on a phone and on A4.
enum PageStyle {
    static let sheet: StaticString = """
        :root{color-scheme:light dark;--ground:#fff;--text:#1c2127;--soft:#59626d;--line:#d3d8de;--faint:#f3f5f7;\
        --bad:#b3261e;--odd:#8a5a00;--good:#1f6b36;--ink:#2f5d8a;\
        --critical:#8f1d14;--high:#d0602f;--medium:#e0b04a;--low:#9db3c8}
        @media(prefers-color-scheme:dark){:root{--ground:#14171b;--text:#e3e6ea;--soft:#a0a9b4;--line:#3a424c;\
        --faint:#1d2127;--bad:#ff8a80;--odd:#ffc861;--good:#86d398;--ink:#7fb2e5;\
        --critical:#ff6b5e;--high:#e8894f;--medium:#c99a3b;--low:#5f7a94}}
        body{font:14px/1.45 system-ui,sans-serif;margin:0;background:var(--ground);color:var(--text)}
        main{margin:2em auto;padding:0 1.2em;max-width:80em}
        h1{font-size:1.55em;margin:0 0 .2em}h2{font-size:1.2em;margin:2.4em 0 .4em;border-top:1px solid var(--line);padding-top:.9em}
        h3{font-size:1em;margin:1.6em 0 .3em}p{max-width:52em;margin:.5em 0}.note{color:var(--soft)}
        code{font:.93em ui-monospace,monospace;overflow-wrap:anywhere}
        ul.plain{padding-left:1.2em;max-width:52em}ul.plain li{margin:.3em 0}
        .alarm{border:2px solid var(--bad);border-radius:.4em;padding:.6em 1em;margin:1em 0}
        .alarm b{color:var(--bad)}
        .tiles{display:flex;flex-wrap:wrap;gap:.6em;padding:0;list-style:none}
        .tiles li{border:1px solid var(--line);border-radius:.4em;padding:.4em .8em}.tiles b{font-size:1.3em}
        .scroll{overflow-x:auto}table{border-collapse:collapse;min-width:min(100%,42em)}
        caption{text-align:left;font-weight:600;padding:.4em 0}
        th,td{border-bottom:1px solid var(--line);padding:.4em .9em .4em 0;text-align:left;vertical-align:top}
        th{color:var(--soft);font-weight:600}td{overflow-wrap:anywhere;min-width:7em;unicode-bidi:isolate}td.words{min-width:4em}td.name{min-width:9.2em}
        td.number,th.number{text-align:right;min-width:0;font-variant-numeric:tabular-nums;white-space:nowrap}
        td.time{white-space:nowrap;min-width:0;font-variant-numeric:tabular-nums}td.wide{min-width:18em}
        td div{unicode-bidi:isolate}td div+div{color:var(--soft)}td .mark+div,td .mark+.mark{margin-top:.2em}
        .lines div+div{color:inherit}td.lines .note{color:var(--soft);margin-top:.2em}
        .mark{font-weight:600;white-space:nowrap}.expired,.shared,.human,.none,.failure,.changed,.critical{color:var(--bad)}
        .orphaned,.dormant,.partial,.high,.candidate{color:var(--odd)}
        .active,.evidence,.success,.armed{color:var(--good)}.retired{color:var(--soft)}
        details div{margin:.1em 0}summary{cursor:pointer;color:var(--soft)}
        figure{margin:1em 0}figure .scroll{max-width:62em}figcaption{color:var(--soft);max-width:52em;margin:.3em 0}
        svg{display:block;width:100%;min-width:640px;height:auto;font:11px system-ui,sans-serif}
        svg text{fill:var(--text)}svg text.soft{fill:var(--soft)}svg .axis{stroke:var(--line);fill:none}
        svg .f-critical{fill:var(--critical)}svg .f-high{fill:var(--high)}svg .f-medium{fill:var(--medium)}
        svg .f-low{fill:var(--low)}svg .f-good{fill:var(--good)}svg .f-bad{fill:var(--bad)}svg .f-odd{fill:var(--odd)}
        svg .f-soft{fill:var(--soft)}svg .f-ink{fill:var(--ink)}svg .f-faint{fill:var(--faint)}svg .f-line{fill:var(--line)}
        svg .edge{stroke:var(--soft);fill:none;stroke-width:1.1}svg .edge.person{stroke:var(--bad);stroke-dasharray:4 3}
        svg .curve{stroke:var(--ink);fill:none;stroke-width:1.6}svg .hatch{stroke:var(--bad);stroke-width:1.4}
        .grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(15em,1fr));gap:1em 1.4em}
        .grid figure{margin:0}.grid svg{min-width:0}.grid .name{font-weight:600;overflow-wrap:anywhere;unicode-bidi:isolate}
        @media screen and (max-width:40em){main{padding:0 .8em;margin:1em auto}th,td{padding-right:.7em}td.wide{min-width:15em}
        .cards{min-width:0}.cards thead{display:none}.cards,.cards tbody,.cards tr,.cards td{display:block}
        .cards tr{border-bottom:1px solid var(--line);padding:.4em 0}.cards td,.cards td.wide{border:0;padding:.1em 0 .1em 7.5em;min-width:0;position:relative}
        .cards td.number{text-align:left;white-space:normal}
        .cards td::before{content:attr(data-label);color:var(--soft);position:absolute;left:0;width:7em}}
        @page{size:A4;margin:16mm 14mm}
        @media print{:root{color-scheme:light;--ground:#fff;--text:#000;--soft:#444;--line:#bbb;--faint:#f3f3f3;\
        --bad:#9c1c15;--odd:#6e4700;--good:#17562a;--ink:#234a70;\
        --critical:#7d160f;--high:#c9572a;--medium:#e0b04a;--low:#9db3c8}
        body{font-size:9pt}main{margin:0;padding:0;max-width:none}
        *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
        h2,h3,caption{break-after:avoid}tr,figure,.alarm{break-inside:avoid}thead{display:table-header-group}
        .scroll{overflow:visible}svg{min-width:0}th,td{padding-right:.6em}td{min-width:5em}td.wide{min-width:9em}
        td.words{min-width:3em}td.name{min-width:5.5em}td.time{white-space:normal;overflow-wrap:normal;min-width:6.4em}.mark{white-space:normal;overflow-wrap:normal}
        td details::details-content{content-visibility:visible;block-size:auto}figure>details{display:none}
        a{color:inherit}p,figure .scroll,figcaption,ul.plain{max-width:none}}
        """
}
