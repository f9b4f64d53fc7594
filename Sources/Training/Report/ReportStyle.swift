/// How the report looks: light or dark as the reader has it, on a phone as on a wide screen.
package enum ReportStyle {
    /// The style sheet of every page.
    package static let sheet: StaticString = """
        :root{color-scheme:light dark;--ground:#fbfbfa;--card:#fff;--ink:#1c1e21;--soft:#5a6068;--rule:#dcdfe3;\
        --good:#14713a;--bad:#b3261e;--warn:#fff3d6;--warnrule:#b97a00;\
        --c0:#1f6fd1;--c1:#c2540a;--c2:#14803c;--c3:#8a3fb5}
        @media (prefers-color-scheme:dark){:root{--ground:#15171a;--card:#1d2024;--ink:#e9ebee;--soft:#a6adb6;\
        --rule:#353a41;--good:#6fd494;--bad:#ff8f86;--warn:#3a2f12;--warnrule:#e0a93a;\
        --c0:#76b3ff;--c1:#ffa15c;--c2:#6fd494;--c3:#d19cf2}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",\
        Roboto,"Noto Sans","Liberation Sans",sans-serif}
        main{max-width:1280px;margin:0 auto;padding:24px 16px 64px}
        h1{font-size:1.6rem;margin:0 0 .25rem;overflow-wrap:anywhere}
        h2{font-size:1.2rem;margin:2.2rem 0 .6rem}
        p{margin:.5rem 0;max-width:75ch}
        .soft{color:var(--soft)}
        .verdict{font-size:1.2rem;padding:14px 16px;border-left:6px solid var(--soft);background:var(--card);margin:16px 0}
        .verdict.better{border-color:var(--good)}
        .verdict.worse{border-color:var(--bad)}
        .warnings{background:var(--warn);border:1px solid var(--warnrule);border-radius:6px;padding:4px 16px;margin:16px 0}
        .warnings h2{margin:.6rem 0 .2rem;font-size:1.05rem}
        ul{margin:.4rem 0;padding-left:1.3rem}
        li{overflow-wrap:anywhere}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 18px;margin:16px 0}
        dt{color:var(--soft)}
        dd{margin:0;overflow-wrap:anywhere}
        .charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,420px),1fr));gap:16px}
        figure{margin:0;background:var(--card);border:1px solid var(--rule);border-radius:6px;padding:12px}
        figcaption{margin-bottom:6px}
        figcaption strong{margin-right:14px}
        .key{display:inline-block;margin-right:12px;font-size:.9rem;white-space:nowrap}
        .swatch{display:inline-block;width:14px;height:4px;border-radius:2px;margin-right:5px;vertical-align:middle;\
        background:var(--tint)}
        .c0{--tint:var(--c0)}.c1{--tint:var(--c1)}.c2{--tint:var(--c2)}.c3{--tint:var(--c3)}
        svg{display:block;width:100%;height:auto}
        svg text{fill:var(--soft);font-size:12px;font-family:inherit}
        svg text.axis{fill:var(--ink)}
        .grid{stroke:var(--rule);stroke-width:1}
        .line{fill:none;stroke:var(--tint);stroke-width:2;stroke-linejoin:round}
        .line.faint{stroke-width:1;opacity:.35}
        .band{fill:var(--tint);opacity:.18}
        .dot{fill:var(--tint)}
        .scroll{overflow-x:auto;margin:12px 0;padding-bottom:2px;scrollbar-width:thin;\
        background:linear-gradient(90deg,var(--ground) 30%,transparent) 0 0/48px 100% no-repeat local,\
        linear-gradient(270deg,var(--ground) 30%,transparent) 100% 0/48px 100% no-repeat local,\
        linear-gradient(90deg,var(--rule),transparent) 0 0/16px 100% no-repeat,\
        linear-gradient(270deg,var(--rule),transparent) 100% 0/16px 100% no-repeat}
        table{border-collapse:collapse;background:var(--card);font-size:.92rem;min-width:50%}
        caption{text-align:left;font-weight:600;padding:4px 0 6px}
        th,td{padding:5px 8px;border-bottom:1px solid var(--rule);text-align:right;white-space:nowrap;\
        font-variant-numeric:tabular-nums}
        th{font-weight:600}
        tbody th{font-weight:400}
        .text{text-align:left}
        tbody th.text{max-width:22rem;overflow:hidden;text-overflow:ellipsis}
        .better{color:var(--good)}.worse{color:var(--bad)}
        .verdict.better,.verdict.worse{color:inherit}
        .cases{display:grid;align-items:start;grid-template-columns:repeat(auto-fill,minmax(min(100%,320px),1fr));gap:16px}
        .cases img{display:block;width:100%;height:auto;border-radius:3px;image-rendering:auto}
        .cases figcaption{margin:8px 0 0;font-size:.88rem;overflow-wrap:anywhere}
        pre{overflow:auto;background:var(--card);border:1px solid var(--rule);border-radius:6px;padding:12px;font-size:.85rem}
        summary{cursor:pointer;font-size:1.2rem;font-weight:600;margin:2.2rem 0 .6rem}
        """
}
