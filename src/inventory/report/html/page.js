"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const rows = data.identities;
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
  // The key's own effect would press the button that has the focus by then.
  const press = (action) => ({ click: action, keydown: (event) => { if (event.key === "Enter") { event.preventDefault(); action(); } } });
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
  const many = (number, one, several) => `${number} ${number === 1 ? one : several}`;
  $("about").textContent = `${many(rows.length, "identity", "identities")} of ${many(data.coverage.length, "repository, image or export", "repositories, images and exports")}, ${data.snapshot_at}` +
    (data.gaps.length ? `; ${many(data.gaps.length, "thing was", "things were")} not read (Coverage)` : "");
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
    ["kind", (row) => row.resolved.kind || "", "short"], ["name", label, "name"], ["provider", (row) => first(row, "provider")],
    ["kept", storage, "short"], ["age, days", age, "num", (row) => row.resolved.time.age_days ?? -1],
    ["due", (row) => (row.resolved.time.rotation_due || "").slice(0, 10), "short"],
    ["owner", (row) => (owner(row) || { owner: "" }).owner, "owner"], ["states", (row) => Object.keys(row.resolved.states), "pills"],
    ["advice", (row) => row.resolved.recommended.action],
  ];
  const MOST = 500;
  const alphabet = new Intl.Collator();
  let sorted = { column: 1, down: true };
  const inventory = (list) => {
    const [, text, , key] = COLUMNS[sorted.column];
    const value = key || text;
    const compare = (a, b) => {
      const [x, y] = [value(a), value(b)];
      const order = typeof x === "number" && typeof y === "number" ? x - y : alphabet.compare(String(x), String(y));
      return (sorted.down ? -order : order) || a.id.localeCompare(b.id);
    };
    const body = [...list].sort(compare).slice(0, MOST).map((row) => make("tr", {
      tabindex: 0, "data-id": row.id,
      on: press(() => detail(row)),
    }, COLUMNS.map(([, text, look]) => {
      const value = text(row);
      if (look === "pills") return make("td", { class: look }, value.map((state) => make("span", { class: "pill" }, state)));
      if (look === "name") return make("td", { class: look }, value, make("div", { class: "path none" }, place(row)));
      return make("td", { class: look === "tier" ? value : look }, value);
    })));
    const head = COLUMNS.map(([name, , look], at) => make("th", {
      scope: "col", class: look === "num" ? look : null, "aria-sort": sorted.column === at ? (sorted.down ? "descending" : "ascending") : "none",
    }, make("button", { on: { click: () => {
      // Numbers begin with the largest, words with the first.
      sorted = { column: at, down: sorted.column === at ? !sorted.down : look === "num" };
      show();
      $("view").querySelectorAll("th button")[at].focus();
    } } }, name + (sorted.column === at ? (sorted.down ? " ↓" : " ↑") : ""))));
    if (!list.length) return [make("p", { class: "none" }, "Nothing matches the filters.")];
    const table = make("table", {}, make("thead", {}, make("tr", {}, head)), make("tbody", {}, body));
    return list.length > MOST ? [table, make("p", {}, `The first ${MOST} of ${list.length}; narrow the filters to see others.`)] : [table];
  };

  // ---- one identity -------------------------------------------------------------------------------------------------
  const table = (head, lines) => lines.length
    ? make("table", {}, make("thead", {}, make("tr", {}, head.map((name) => make("th", {}, name)))),
      make("tbody", {}, lines.map((cells) => make("tr", {}, cells.map((cell) => make("td", {}, cell))))))
    : make("p", { class: "none" }, "nothing");
  const spot = (one) => make("span", { class: "path" }, `${one.repository}:${one.path}${one.line ? ":" + one.line : ""}`);
  const commit = (change) => change ? `${change.date.slice(0, 10)} ${change.commit.slice(0, 10)} ${change.author}${change.ticket ? " " + change.ticket : ""}` : "unknown";
  const detail = (row) => {
    const { facts, resolved } = row;
    const dialog = $("detail");
    const part = (title, head, lines) => lines.length ? [make("h3", {}, title), table(head, lines)] : [];
    dialog.replaceChildren(
      make("button", { class: "close", on: { click: () => dialog.close() } }, "close"),
      make("h2", {}, label(row)),
      make("p", { class: "path" }, `${row.id} · ${row.fingerprint_kind} ${row.fingerprint}`),
      make("p", {}, `${resolved.tier || "no"} tier, score ${resolved.score}. ${resolved.recommended.action}: ${resolved.recommended.reason}`),
      make("h3", {}, "Timeline"), timeline(places(row), Math.min(window.innerWidth * 0.94, 1000) - 50),
      ...part("States", ["state", "why"], Object.entries(resolved.states)),
      ...part("Places", ["where", "kept", "brought in", "taken away", "what"], facts.locations.map((one) => [
        spot(one), one.storage + (one.present ? "" : " (gone)"),
        commit(one.introduced), one.removed ? commit(one.removed) : "", [one.meaning, one.layer].filter(Boolean).join("; ")])),
      ...part("Used by", ["what", "where"], (facts.consumers || []).map((one) => [one.what, spot(one)])),
      ...part("Owners", ["role", "owner", "source", "where", "confidence"],
        (facts.owners || []).map((one) => [one.role, one.owner, one.source, one.basis, one.confidence])),
      (resolved.unowned_because || []).length ? make("p", {}, "Without owner: " + resolved.unowned_because.join("; ")) : "",
      ...part("What is said of it", ["field", "value", "source", "where"],
        facts.claims.map((claim) => [claim.field, claim.value, claim.source, make("span", { class: "path" }, claim.basis)])),
      ...part("Sources that differ", ["field", "values"], Object.entries(resolved.conflicts).map(([field, values]) => [field, values.join("; ")])),
      ...part("New values", ["when", "where", "from", "to"], (facts.rotations || []).map((one) => [commit(one.change), one.place, one.from, one.to])),
      ...part("Cannot be judged", ["state", "what is missing"], Object.entries(resolved.unknown)),
      ...part("Score", ["points", "for"], resolved.factors.map((factor) => [factor.points, factor.what])),
      make("h3", {}, "Controls"), make("p", {}, "against: " + (resolved.controls_against.join(", ") || "none") + " · for: " + (resolved.controls_for.join(", ") || "none")));
    dialog.showModal();
    dialog.scrollTop = 0;
  };

  // ---- graph --------------------------------------------------------------------------------------------------------
  const LAYERS = ["name", "workflow", "image", "manifest", "infrastructure", "code"];
  const layer = (path, what) => {
    if (/(^|\/)(\.github\/workflows\/|\.gitlab-ci|\.circleci\/|azure-pipelines|bitbucket-pipelines|jenkinsfile|\.drone|\.travis|\.buildkite\/)/i.test(path)) return "workflow";
    if (/(^|\/)(dockerfile|containerfile)|\.dockerfile$/i.test(path) || what === "image") return "image";
    if (/\.(tf|tfvars|tfstate|bicep|hcl)$/i.test(path) || /cloudformation|serverless\.ya?ml/i.test(path)) return "infrastructure";
    if (/\.(ya?ml|json)$/i.test(path)) return "manifest";
    return "code";
  };
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = "12px system-ui, sans-serif";
  // The end of a text tells more than its beginning.
  const fit = (text, width) => {
    if (pen.measureText(text).width <= width) return text;
    let [from, to] = [1, text.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (pen.measureText("…" + text.slice(middle)).width <= width) to = middle; else from = middle + 1;
    }
    return "…" + text.slice(from);
  };
  // A key of a Kubernetes Secret is what names it elsewhere.
  const named = (row) => row.fingerprint_kind === "reference" && row.fingerprint.includes("#") ? row.fingerprint.split("#").pop() : label(row);
  const SHOWN = 60;
  // More lines than this between two layers tell nothing; each file is then tied to the name itself.
  const TANGLE = 24;
  const spots = (row) => [
    ...row.facts.locations.filter((one) => one.present).map((one) => ({ ...one, image: one.storage === "image" })), ...(row.facts.consumers || []),
  ];
  const graph = (list) => {
    const nodes = new Map();
    const edges = new Map();
    const add = (at, key, title, repository) => {
      if (!nodes.has(key)) nodes.set(key, { at, key, title, repository, near: new Set() });
      return nodes.get(key);
    };
    const tie = (a, b) => { edges.set(`${a.key} → ${b.key}`, [a, b]); a.near.add(b); b.near.add(a); };
    const files = new Map(list.map((row) => [row, new Set(spots(row).map((one) => `${one.repository}:${one.path}`)).size]));
    const here = list.filter((row) => files.get(row));
    const picked = [...here].sort((a, b) => files.get(b) - files.get(a) || a.id.localeCompare(b.id)).slice(0, SHOWN);
    for (const row of picked) {
      // One name is a secret of the pipeline, an argument of the build, a key of a Kubernetes Secret: rows of a repository that
      // bear it are one node.
      const { repository } = spots(row)[0];
      const name = add(0, `${repository} ${named(row).toLowerCase().replace(/[^a-z0-9]+/g, "_")}`, named(row), repository);
      name.rows = [...(name.rows || []), row];
      name.reached = name.reached || LAYERS.map(() => new Set());
      for (const { repository, path, image } of spots(row)) {
        const at = LAYERS.indexOf(layer(path, image ? "image" : ""));
        name.reached[at].add(add(at, `${repository}:${path}`, path, repository));
      }
    }
    // In each repository from the name through each layer that it reaches to the next one.
    for (const name of [...nodes.values()].filter((node) => node.rows)) {
      for (const repository of new Set(name.rows.flatMap(repositories))) {
        let from = [name];
        for (const next of name.reached.slice(1)) {
          const to = [...next].filter((node) => node.repository === repository);
          if (!to.length) continue;
          for (const a of from.length * to.length > TANGLE ? [name] : from) for (const b of to) tie(a, b);
          from = to;
        }
      }
    }
    if (!nodes.size) return [make("p", { class: "none" }, "None of these identities is anywhere in the present files: they are in the history alone.")];
    const used = LAYERS.map((_, at) => at).filter((at) => [...nodes.values()].some((node) => node.at === at));
    const [gap, high] = [60, 26];
    const wide = Math.max(190, Math.min(380, ($("view").clientWidth - 10) / used.length - gap));
    const svg = make("svg", { "aria-label": "Which identity reaches which workflow, image, manifest and infrastructure file" });
    used.forEach((at, place) => svg.append(make("text", { x: place * (wide + gap) + 4, y: 16, class: "head" }, `${LAYERS[at]} (${[...nodes.values()].filter((node) => node.at === at).length})`)));
    let top = 28;
    // Each repository is a band of its own.
    const bands = [...new Set([...nodes.values()].map((node) => node.repository))].sort(alphabet.compare);
    for (const band of bands) {
      const columns = used.map((at) => [...nodes.values()].filter((node) => node.at === at && node.repository === band).sort((a, b) => alphabet.compare(a.title, b.title)));
      // Who stands near whom it is tied to makes few lines cross; a few rounds settle it.
      for (let round = 0; round < 6; round += 1) {
        columns.forEach((column) => column.forEach((node, at) => { node.rank = at / column.length; }));
        for (const column of columns) {
          for (const node of column) {
            const near = [...node.near].filter((other) => other.repository === band);
            node.mean = near.length ? near.reduce((sum, other) => sum + other.rank, 0) / near.length : node.rank;
          }
          column.sort((a, b) => a.mean - b.mean || alphabet.compare(a.title, b.title));
        }
      }
      if (bands.length > 1) {
        svg.append(make("line", { class: "lane", x1: 0, x2: used.length * (wide + gap) - gap, y1: top, y2: top }), make("text", { x: 4, y: top + 17 }, band));
        top += high;
      }
      const most = Math.max(...columns.map((column) => column.length));
      columns.forEach((column, place) => column.forEach((node, at) => {
        node.x = place * (wide + gap) + 4;
        node.y = top + (at + (most - column.length) * (at + 0.5) / column.length) * high;
      }));
      top += most * high + 8;
    }
    svg.setAttribute("width", used.length * (wide + gap) - gap + 8);
    svg.setAttribute("height", top);
    for (const [from, to] of edges.values()) {
      const [x, y, u, v] = [from.x + wide, from.y + 10, to.x, to.y + 10];
      const line = make("path", { class: "edge", d: `M${x} ${y}C${x + gap} ${y} ${u - gap} ${v} ${u} ${v}` });
      svg.append(line);
      for (const node of [from, to]) (node.lines = node.lines || []).push(line);
    }
    for (const node of nodes.values()) {
      const open = () => {
        if (node.rows && node.rows.length === 1) detail(node.rows[0]);
        else { $("search").value = node.title; document.querySelector('[data-view="inventory"]').click(); }
      };
      const lit = (on) => () => {
        svg.classList.toggle("lit", on);
        (node.lines || []).forEach((line) => line.classList.toggle("on", on));
        [node, ...node.near].forEach((one) => one.shape.classList.toggle("on", on));
      };
      node.shape = make("g", { class: "node", tabindex: 0, role: "button", "aria-label": node.title, on: {
        ...press(open), mouseenter: lit(true), mouseleave: lit(false), focus: lit(true), blur: lit(false),
      } },
      make("rect", { x: node.x, y: node.y, width: wide, height: 20, rx: 4 }),
      make("text", { x: node.x + 6, y: node.y + 14 }, fit(node.title, wide - 12)), make("title", {}, node.title));
      svg.append(node.shape);
    }
    const note = here.length > SHOWN ? [make("p", {}, `The ${SHOWN} identities with the most files of ${here.length}; narrow the filters to see others.`)] : [];
    return [...note, svg];
  };

  // ---- timeline -----------------------------------------------------------------------------------------------------
  const day = (text) => text ? Date.parse(text.slice(0, 10) + "T00:00:00Z") : NaN;
  const LANES = 200;
  const now = day(data.snapshot_at);
  // How long a place held it. Where no commit is known to have taken it away, it may stand on another branch: the line is thin.
  const span = (one) => ({
    from: day(one.introduced.date), to: one.removed && !one.present ? day(one.removed.date) : now,
    look: (["embedded", "ci-literal", "image"].includes(one.storage) ? "present" : one.storage === "history-only" ? "gone" : "governed") +
      (one.present || one.removed ? "" : " open"),
    title: `${one.repository}:${one.path}, ${one.storage}: ${commit(one.introduced)}`,
  });
  const turn = (one) => [day(one.change.date), `new value: ${one.place}`];
  const lane = (row) => {
    const { created_at: created, rotation_due: due, expires_at: expires } = row.resolved.time;
    const spans = row.facts.locations.filter((one) => one.introduced).map(span);
    if (!spans.length && created) spans.push({ from: day(created), to: now, look: "governed", title: `made ${created}` });
    return { title: label(row), open: () => detail(row), spans, marks: (row.facts.rotations || []).map(turn), due: day(due), expires: day(expires) };
  };
  // A lane for each file of one identity; what holds for all of them is in the first.
  const places = (row) => {
    const whole = lane(row);
    const files = new Map();
    for (const one of row.facts.locations.filter((one) => one.introduced)) {
      const key = `${one.repository}:${one.path}`;
      if (!files.has(key)) files.set(key, { title: one.path, spans: [], marks: [] });
      files.get(key).spans.push(span(one));
    }
    const lanes = [...files.values()].sort((a, b) => a.spans[0].from - b.spans[0].from).slice(0, 20);
    if (!lanes.length) return [{ ...whole, open: null }];
    Object.assign(lanes[0], { marks: whole.marks, due: whole.due, expires: whole.expires });
    return lanes;
  };
  function timeline(lanes, wide) {
    lanes = lanes.filter((lane) => lane.spans.length);
    if (!lanes.length) return make("p", { class: "none" }, "No date is known: without history nobody can tell.");
    const all = lanes.flatMap((lane) => [...lane.spans.flatMap((span) => [span.from, span.to]), lane.due, lane.expires]).filter((date) => date);
    const start = all.reduce((a, b) => Math.min(a, b), now);
    // A certificate may hold for decades; the past is what is looked at.
    const end = Math.min(all.reduce((a, b) => Math.max(a, b), now), now + (now - start) / 2 + 31536e6);
    const [left, high] = [260, 22];
    const width = Math.max(400, wide - left - 30);
    const x = (date) => left + width * Math.min(1, (date - start) / (end - start));
    const height = 30 + lanes.length * high + 10;
    const svg = make("svg", { width: left + width + 20, height, "aria-label": "When each identity was there" });
    const years = [];
    for (let year = new Date(start).getUTCFullYear() + 1; Date.UTC(year, 0, 1) <= end; year += 1) years.push(year);
    const step = Math.max(1, Math.ceil(years.length / 12));
    years.filter((_, at) => at % step === 0).map((year) => [year, x(Date.UTC(year, 0, 1))]).forEach(([year, at]) =>
      svg.append(make("line", { class: "grid", x1: at, x2: at, y1: 18, y2: height }), make("text", { x: at + 2, y: 14 }, year)));
    svg.append(make("line", { class: "now", x1: x(now), x2: x(now), y1: 18, y2: height }, make("title", {}, data.snapshot_at)));
    lanes.forEach((lane, at) => {
      const y = 34 + at * high;
      const open = lane.open;
      const name = make("text", { x: 4, y: y + 4 }, fit(lane.title, left - 20), make("title", {}, lane.title));
      svg.append(open ? make("g", { class: "node", tabindex: 0, role: "button", "aria-label": lane.title, on: press(open) }, name) : name);
      svg.append(make("line", { class: "lane", x1: left, x2: left + width, y1: y, y2: y }));
      lane.spans.forEach((span) => svg.append(make("line", { class: `life ${span.look}`, x1: x(span.from), x2: Math.max(x(span.to), x(span.from) + 1), y1: y, y2: y }, make("title", {}, span.title))));
      lane.marks.forEach(([date, title]) => svg.append(make("circle", { class: "turn", cx: x(date), cy: y, r: 5 }, make("title", {}, title))));
      [[lane.due, "rotation due"], [lane.expires, "expires"]].filter(([date]) => date && date <= end).forEach(([date, title]) =>
        svg.append(make("line", { class: "due", x1: x(date), x2: x(date), y1: y - 8, y2: y + 8 }, make("title", {}, `${title} ${new Date(date).toISOString().slice(0, 10)}`))));
    });
    return svg;
  }
  const lives = (list) => {
    const lanes = list.map((row) => [row, lane(row)]).filter(([, lane]) => lane.spans.length)
      .map(([row, lane]) => [lane.spans.reduce((a, span) => Math.min(a, span.from), Infinity), row.id, lane])
      .sort(([a, one], [b, other]) => a - b || one.localeCompare(other)).map(([, , lane]) => lane);
    if (!lanes.length) return [make("p", { class: "none" }, "No date is known: without history nobody can tell.")];
    const undated = list.length - lanes.length;
    const note = [lanes.length > LANES ? `The ${LANES} oldest of ${lanes.length}.` : "", undated ? `No date is known of ${undated}.` : ""].filter(Boolean).join(" ");
    const sign = (look, text) => make("span", {}, make("i", { class: look }), text);
    return [make("div", { class: "key" }, sign("embedded", "in clear"), sign("history-only", "in clear in history (thin: no commit takes it away)"),
      sign("vault", "a reference, or encrypted"), sign("turned", "new value"), sign("dued", "rotation due, or end")), make("p", { class: "none" }, note),
    timeline(lanes.slice(0, LANES), $("view").clientWidth)];
  };

  // ---- what is missing ----------------------------------------------------------------------------------------------
  const unowned = (list) => {
    const without = list.filter((row) => (row.resolved.unowned_because || []).length);
    if (!without.length) return [make("p", { class: "none" }, "Each of these identities has an owner, or commits that hint at one.")];
    return [make("p", {}, `${many(without.length, "identity has", "identities have")} no owner` + (without.length > MOST ? `; the first ${MOST} are shown.` : ".")), table(["name", "kind", "why", "brought in by", "where"], without.slice(0, MOST).map((row) => [
      make("button", { class: "link", on: { click: () => detail(row) } }, label(row)), row.resolved.kind || "", row.resolved.unowned_because.join("; "), row.resolved.creator || "unknown",
      make("span", { class: "path" }, place(row))]))];
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
    document.querySelectorAll("[data-view]").forEach((other) => other.setAttribute("aria-pressed", other === tab));
    show();
  }));
  $("filters").addEventListener("input", show);
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  show();
})();
