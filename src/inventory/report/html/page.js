"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const rows = data.identities;
  const byId = new Map(rows.map((row) => [row.id, row]));
  const $ = (id) => document.getElementById(id);

  // ---- what a row says ----------------------------------------------------------------------------------------------
  const first = (row, field) => (row.facts.claims.find((claim) => claim.field === field) || { value: "" }).value;
  const label = (row) => first(row, "principal") || first(row, "name") || first(row, "key_id") || row.id;
  const storage = (row) => row.resolved.storage || "unknown";
  const owner = (row) => row.resolved.technical_owner || row.resolved.business_owner;
  const age = (row) => {
    const { age_days: days, age_basis: basis } = row.resolved.time;
    return days === null || days === undefined ? "" : (basis === "exact" ? "" : "≥ ") + days;
  };
  const place = (row) => {
    const all = row.facts.locations;
    const one = all.find((place) => place.present) || all[0];
    return one ? `${one.repository}:${one.path}${one.line ? ":" + one.line : ""}` : "";
  };
  const repositories = (row) =>
    [...new Set([...row.facts.locations, ...(row.facts.consumers || [])].map((place) => place.repository))].sort();
  const searchable = new Map(rows.map((row) => [row.id, JSON.stringify(row).toLowerCase()]));

  // ---- building -----------------------------------------------------------------------------------------------------
  const make = (tag, attributes, ...children) => {
    const svg = ["svg", "g", "rect", "text", "path", "line", "circle", "title"].includes(tag);
    const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "on") Object.entries(value).forEach(([event, action]) => node.addEventListener(event, action));
      else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
    }
    node.append(...children.flat().filter((child) => child !== null && child !== undefined).map((child) => typeof child === "number" ? String(child) : child));
    return node;
  };
  // Width comes from an attribute of the element's own style object, which a content policy without inline styles allows.
  const share = (node, part) => { node.style.flexGrow = part; return node; };

  // ---- summary ------------------------------------------------------------------------------------------------------
  const count = (test) => rows.filter(test).length;
  const kept = new Map();
  rows.forEach((row) => kept.set(storage(row), (kept.get(storage(row)) || 0) + 1));
  const order = ["embedded", "ci-literal", "image", "history-only", "unknown", "encrypted-file", "ci-store", "vault", "federated"];
  const tile = (number, text, state) =>
    make("div", { class: "tile" }, make("b", { class: number && state ? "high" : "" }, number), text);
  const percent = (number) => (rows.length ? (100 * number / rows.length).toFixed(1) : "0.0") + " %";
  $("about").textContent = `${rows.length} identities in ${data.coverage.length} repositories, images and exports on ${data.snapshot_at}` +
    (data.gaps.length ? `; ${data.gaps.length} things were not read (Coverage)` : "");
  $("tiles").append(
    tile(count((row) => row.resolved.tier === "high"), "high tier", true),
    tile(count((row) => (row.resolved.unowned_because || []).length), "without owner", true),
    tile(count((row) => "unrotated" in row.resolved.states || "aged" in row.resolved.states), "past their rotation window", true),
    tile(count((row) => "orphaned" in row.resolved.states), "orphaned", true),
    tile(count((row) => "shared" in row.resolved.states), "shared", true),
    make("div", { class: "tile wide" }, "how they are kept",
      make("div", { class: "bar" }, order.filter((name) => kept.has(name)).map((name) =>
        share(make("i", { class: name, title: `${name}: ${kept.get(name)}` }), kept.get(name)))),
      make("div", { class: "key" }, order.filter((name) => kept.has(name)).map((name) =>
        make("span", {}, make("i", { class: name }), `${name} ${kept.get(name)} (${percent(kept.get(name))})`)))));

  // ---- filters ------------------------------------------------------------------------------------------------------
  const choices = (id, title, values) => {
    $(id).append(make("option", { value: "" }, title), ...[...new Set(values)].filter(Boolean).sort().map((value) => make("option", { value }, value)));
  };
  choices("kind", "any kind", rows.map((row) => row.resolved.kind));
  choices("storage", "kept anyhow", rows.map(storage));
  choices("tier", "any tier", rows.map((row) => row.resolved.tier));
  choices("state", "any state", rows.flatMap((row) => Object.keys(row.resolved.states)));
  choices("repository", "any repository", rows.flatMap(repositories));
  const chosen = () => {
    const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const is = (id, value) => !$(id).value || $(id).value === value;
    return rows.filter((row) => is("kind", row.resolved.kind) && is("storage", storage(row)) && is("tier", row.resolved.tier) &&
      (!$("state").value || $("state").value in row.resolved.states) &&
      (!$("repository").value || repositories(row).includes($("repository").value)) &&
      words.every((word) => searchable.get(row.id).includes(word)));
  };

  // ---- inventory ----------------------------------------------------------------------------------------------------
  const COLUMNS = [
    ["tier", (row) => row.resolved.tier, "tier"], ["score", (row) => row.resolved.score, "num"],
    ["kind", (row) => row.resolved.kind || ""], ["name", label], ["provider", (row) => first(row, "provider")],
    ["kept", storage], ["age, days", age, "num", (row) => row.resolved.time.age_days ?? -1],
    ["due", (row) => (row.resolved.time.rotation_due || "").slice(0, 10)],
    ["owner", (row) => (owner(row) || { owner: "" }).owner], ["states", (row) => Object.keys(row.resolved.states), "pills"],
    ["recommended", (row) => row.resolved.recommended.action], ["where", place, "path"],
  ];
  const MOST = 1000;
  let sorted = { column: 1, down: true };
  const inventory = (list) => {
    const [, text, , key] = COLUMNS[sorted.column];
    const value = key || text;
    const compare = (a, b) => {
      const [x, y] = [value(a), value(b)];
      const order = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
      return (sorted.down ? -order : order) || a.id.localeCompare(b.id);
    };
    const body = [...list].sort(compare).slice(0, MOST).map((row) => make("tr", {
      tabindex: 0, "data-id": row.id,
      on: { click: () => detail(row), keydown: (event) => { if (event.key === "Enter") detail(row); } },
    }, COLUMNS.map(([, text, look]) => {
      const value = text(row);
      if (look === "pills") return make("td", {}, value.map((state) => make("span", { class: "pill" }, state)));
      return make("td", { class: look === "tier" ? value : look }, value);
    })));
    const head = COLUMNS.map(([name], at) => make("th", {
      scope: "col", "aria-sort": sorted.column === at ? (sorted.down ? "descending" : "ascending") : "none",
      on: { click: () => { sorted = { column: at, down: sorted.column === at ? !sorted.down : true }; show(); } },
    }, name + (sorted.column === at ? (sorted.down ? " ↓" : " ↑") : "")));
    const table = make("table", {}, make("thead", {}, make("tr", {}, head)), make("tbody", {}, body));
    return list.length > MOST ? [table, make("p", {}, `The first ${MOST} of ${list.length}; narrow the filters to see others.`)] : [table];
  };

  // ---- one identity -------------------------------------------------------------------------------------------------
  const table = (head, lines) => lines.length
    ? make("table", {}, make("thead", {}, make("tr", {}, head.map((name) => make("th", {}, name)))),
      make("tbody", {}, lines.map((cells) => make("tr", {}, cells.map((cell) => make("td", {}, cell))))))
    : make("p", { class: "none" }, "nothing");
  const commit = (change) => change ? `${change.date.slice(0, 10)} ${change.commit.slice(0, 10)} ${change.author}${change.ticket ? " " + change.ticket : ""}` : "unknown";
  const detail = (row) => {
    const { facts, resolved } = row;
    const dialog = $("detail");
    const parts = (title, node) => [make("h3", {}, title), node];
    dialog.replaceChildren(
      make("button", { class: "close", on: { click: () => dialog.close() } }, "close"),
      make("h2", {}, label(row)),
      make("p", { class: "path" }, `${row.id} · ${row.fingerprint_kind} ${row.fingerprint}`),
      make("p", {}, `${resolved.tier || "no"} tier, score ${resolved.score}. ${resolved.recommended.action}: ${resolved.recommended.reason}`),
      ...parts("Timeline", timeline([row])),
      ...parts("States", table(["state", "why"], Object.entries(resolved.states))),
      ...parts("Cannot be judged", table(["state", "what is missing"], Object.entries(resolved.unknown))),
      ...parts("Owners", table(["role", "owner", "source", "where", "confidence"],
        (facts.owners || []).map((one) => [one.role, one.owner, one.source, one.basis, one.confidence]))),
      (resolved.unowned_because || []).length ? make("p", {}, "Without owner: " + resolved.unowned_because.join("; ")) : null,
      ...parts("What is said of it", table(["field", "value", "source", "where"],
        facts.claims.map((claim) => [claim.field, claim.value, claim.source, claim.basis]))),
      ...parts("Sources that differ", table(["field", "values"], Object.entries(resolved.conflicts).map(([field, values]) => [field, values.join("; ")]))),
      ...parts("Places", table(["where", "kept", "brought in", "taken away", "what"], facts.locations.map((one) => [
        make("span", { class: "path" }, `${one.repository}:${one.path}${one.line ? ":" + one.line : ""}`), one.storage + (one.present ? "" : " (gone)"),
        commit(one.introduced), one.removed ? commit(one.removed) : "", [one.meaning, one.layer].filter(Boolean).join("; ")]))),
      ...parts("Used by", table(["what", "where"], (facts.consumers || []).map((one) => [one.what, `${one.repository}:${one.path}${one.line ? ":" + one.line : ""}`]))),
      ...parts("New values", table(["when", "where", "from", "to"], (facts.rotations || []).map((one) => [commit(one.change), one.place, one.from, one.to]))),
      ...parts("Score", table(["points", "for"], resolved.factors.map((factor) => [factor.points, factor.what]))),
      ...parts("Controls", make("p", {}, "against: " + (resolved.controls_against.join(", ") || "none") + " · for: " + (resolved.controls_for.join(", ") || "none"))));
    dialog.showModal();
  };

  // ---- graph --------------------------------------------------------------------------------------------------------
  const LAYERS = ["identity", "workflow", "image", "manifest", "infrastructure", "code"];
  const layer = (path, what) => {
    if (/(^|\/)(\.github\/workflows\/|\.gitlab-ci|\.circleci\/|azure-pipelines|bitbucket-pipelines|jenkinsfile|\.drone|\.travis|\.buildkite\/)/i.test(path)) return "workflow";
    if (/(^|\/)(dockerfile|containerfile)|\.dockerfile$/i.test(path) || what === "image") return "image";
    if (/\.(tf|tfvars|tfstate|bicep|hcl)$/i.test(path) || /cloudformation|serverless\.ya?ml/i.test(path)) return "infrastructure";
    if (/\.(ya?ml|json)$/i.test(path)) return "manifest";
    return "code";
  };
  const shorten = (text, length) => text.length > length ? "…" + text.slice(1 - length) : text;
  const SHOWN = 60;
  const graph = (list) => {
    const nodes = new Map();
    const edges = new Map();
    const add = (at, key, title, row) => {
      if (!nodes.has(key)) nodes.set(key, { at, key, title, rows: new Set() });
      if (row) nodes.get(key).rows.add(row.id);
      return key;
    };
    const degree = (row) => row.facts.locations.length + (row.facts.consumers || []).length;
    const picked = [...list].sort((a, b) => degree(b) - degree(a) || a.id.localeCompare(b.id)).slice(0, SHOWN);
    for (const row of picked) {
      const reached = LAYERS.map(() => new Set());
      reached[0].add(add(0, row.id, label(row), row));
      const spots = [...row.facts.locations.filter((one) => one.present).map((one) => [one.repository, one.path, one.storage === "image" ? "image" : ""]),
        ...(row.facts.consumers || []).map((one) => [one.repository, one.path, ""])];
      for (const [repository, path, what] of spots) {
        const at = LAYERS.indexOf(layer(path, what));
        reached[at].add(add(at, `${repository}:${path}`, `${repository.split("/").pop()}: ${path}`, row));
      }
      // From the name through each layer that the identity reaches to the next one.
      let from = reached[0];
      for (const to of reached.slice(1).filter((set) => set.size)) {
        for (const a of from) for (const b of to) edges.set(`${a} → ${b}`, [a, b]);
        from = to;
      }
    }
    const columns = LAYERS.map((name, at) => [...nodes.values()].filter((node) => node.at === at).sort((a, b) => a.title.localeCompare(b.title)));
    const used = LAYERS.map((name, at) => at).filter((at) => columns[at].length);
    const [wide, high, gap] = [230, 26, 40];
    columns.forEach((column) => column.forEach((node, at) => { node.x = used.indexOf(node.at) * (wide + gap) + 4; node.y = 30 + at * high; }));
    const height = 60 + Math.max(0, ...columns.map((column) => column.length)) * high;
    const svg = make("svg", { width: used.length * (wide + gap), height, role: "img", "aria-label": "Which identity reaches which workflow, image, manifest and infrastructure file" });
    used.forEach((at, place) => svg.append(make("text", { x: place * (wide + gap) + 4, y: 16, class: "head" }, `${LAYERS[at]} (${columns[at].length})`)));
    for (const [a, b] of edges.values()) {
      const [from, to] = [nodes.get(a), nodes.get(b)];
      const [x, y, u, v] = [from.x + wide, from.y + 10, to.x, to.y + 10];
      svg.append(make("path", { class: "edge", d: `M${x} ${y}C${x + gap} ${y} ${u - gap} ${v} ${u} ${v}` }));
    }
    for (const node of nodes.values()) {
      const open = () => {
        if (node.at === 0) detail(byId.get(node.key));
        else { $("search").value = node.key.split(":").pop().toLowerCase(); document.querySelector('[data-view="inventory"]').click(); }
      };
      svg.append(make("g", { class: "node", tabindex: 0, on: { click: open, keydown: (event) => { if (event.key === "Enter") open(); } } },
        make("rect", { x: node.x, y: node.y, width: wide, height: 20, rx: 4 }),
        make("text", { x: node.x + 6, y: node.y + 14 }, shorten(node.title, 36)), make("title", {}, node.title)));
    }
    const note = list.length > SHOWN ? [make("p", {}, `The ${SHOWN} identities with the most places of ${list.length}; narrow the filters to see others.`)] : [];
    return [...note, svg];
  };

  // ---- timeline -----------------------------------------------------------------------------------------------------
  const day = (text) => text ? Date.parse(text.slice(0, 10) + "T00:00:00Z") : NaN;
  const LANES = 200;
  function timeline(list) {
    const now = day(data.snapshot_at);
    const lanes = list.slice(0, LANES).map((row) => {
      const time = row.resolved.time;
      const marks = (row.facts.rotations || []).map((one) => [day(one.change.date), `new value: ${one.place}`]);
      const spans = row.facts.locations.filter((one) => one.introduced).map((one) => ({
        from: day(one.introduced.date), to: one.removed && !one.present ? day(one.removed.date) : now,
        look: ["embedded", "ci-literal", "image"].includes(one.storage) ? "present" : one.storage === "history-only" ? "gone" : "governed",
        title: `${one.repository}:${one.path}, ${one.storage}: ${commit(one.introduced)}`,
      }));
      const created = day(time.created_at);
      if (!spans.length && !isNaN(created)) spans.push({ from: created, to: now, look: "governed", title: `made ${time.created_at}` });
      return { row, spans, marks, due: day(time.rotation_due), expires: day(time.expires_at) };
    }).filter((lane) => lane.spans.length);
    if (!lanes.length) return make("p", { class: "none" }, "No date is known: without history nobody can tell.");
    const all = lanes.flatMap((lane) => [...lane.spans.flatMap((span) => [span.from, span.to]), lane.due, lane.expires]).filter((date) => !isNaN(date));
    const [start, end] = [Math.min(...all), Math.max(now, ...all)];
    const [left, width, high] = [240, 680, 22];
    const x = (date) => left + width * (end > start ? (date - start) / (end - start) : 1);
    const height = 30 + lanes.length * high + 10;
    const svg = make("svg", { width: left + width + 30, height, role: "img", "aria-label": "When each identity was there" });
    const years = [];
    for (let year = new Date(start).getUTCFullYear(); year <= new Date(end).getUTCFullYear() + 1; year += 1) years.push(year);
    const step = Math.max(1, Math.ceil(years.length / 12));
    years.filter((year, at) => at % step === 0).map((year) => [year, Date.UTC(year, 0, 1)]).filter(([, date]) => date >= start && date <= end).forEach(([year, date]) =>
      svg.append(make("line", { class: "grid", x1: x(date), x2: x(date), y1: 18, y2: height }), make("text", { x: x(date) + 2, y: 14 }, year)));
    lanes.forEach((lane, at) => {
      const y = 34 + at * high;
      svg.append(make("text", { x: 4, y: y + 4 }, shorten(label(lane.row), 36), make("title", {}, label(lane.row))));
      svg.append(make("line", { class: "lane", x1: left, x2: left + width, y1: y, y2: y }));
      lane.spans.forEach((span) => svg.append(make("line", { class: `life ${span.look}`, x1: x(span.from), x2: Math.max(x(span.to), x(span.from) + 1), y1: y, y2: y }, make("title", {}, span.title))));
      lane.marks.forEach(([date, title]) => svg.append(make("circle", { class: "turn", cx: x(date), cy: y, r: 5 }, make("title", {}, title))));
      [[lane.due, "rotation due"], [lane.expires, "expires"]].filter(([date]) => !isNaN(date)).forEach(([date, title]) =>
        svg.append(make("line", { class: "due", x1: x(date), x2: x(date), y1: y - 8, y2: y + 8 }, make("title", {}, title))));
    });
    return svg;
  }
  const lives = (list) => {
    const since = (row) => Math.min(...row.facts.locations.filter((one) => one.introduced).map((one) => day(one.introduced.date)), day(row.resolved.time.created_at) || Infinity);
    const ordered = [...list].sort((a, b) => since(a) - since(b) || a.id.localeCompare(b.id));
    const note = list.length > LANES ? [make("p", {}, `The ${LANES} oldest of ${list.length}.`)] : [];
    return [...note, timeline(ordered)];
  };

  // ---- what is missing ----------------------------------------------------------------------------------------------
  const unowned = (list) => {
    const without = list.filter((row) => (row.resolved.unowned_because || []).length);
    return [make("p", {}, `${without.length} identities have no owner.`), table(["name", "kind", "why", "brought in by", "where"], without.map((row) => [
      label(row), row.resolved.kind || "", row.resolved.unowned_because.join("; "), row.resolved.creator || "unknown", make("span", { class: "path" }, place(row))]))];
  };
  const coverage = () => [
    make("h3", {}, "Looked at"),
    table(["name", "mode", "HEAD", "commits", "files", "history"], data.coverage.map((one) => [one.name, one.mode, (one.head || "").slice(0, 12),
      one.commits ?? "", one.files, one.shallow ? "cut: ages unknown" : ""])),
    make("h3", {}, "Not read"),
    table(["where", "what", "reason", "in words"], data.gaps.map((gap) => [gap.place, gap.what, gap.reason, gap.detail])),
  ];

  // ---- views --------------------------------------------------------------------------------------------------------
  const VIEWS = { inventory, graph, timeline: lives, unowned, coverage };
  let view = "inventory";
  const show = () => {
    const list = chosen();
    $("count").textContent = `${list.length} of ${rows.length}`;
    $("view").replaceChildren(...[VIEWS[view](list)].flat());
  };
  document.querySelectorAll("[data-view]").forEach((tab) => tab.addEventListener("click", () => {
    view = tab.dataset.view;
    document.querySelectorAll("[data-view]").forEach((other) => other.setAttribute("aria-selected", other === tab));
    show();
  }));
  $("filters").addEventListener("input", show);
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  show();
})();
