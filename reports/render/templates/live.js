(function () {
  "use strict";
  var MIB = 1024 * 1024, shown = null, failed = 0;
  var colours = JSON.parse(document.getElementById("colours").textContent);

  function element(id) { return document.getElementById(id); }
  function tell(id, text) { if (element(id).textContent !== text) { element(id).textContent = text; } }
  function mib(bytes) { return bytes === null || bytes === undefined ? "unknown" : (bytes / MIB).toFixed(1) + " MiB"; }
  function last(list) { return list[list.length - 1]; }
  function words(text) { return String(text === null || text === undefined ? "" : text).replace(/_/g, " "); }

  function source(name) {
    var found = null;
    Bokeh.documents.forEach(function (document) { found = found || document.get_model_by_name(name); });
    return found;
  }

  function inMib(values) { return values.map(function (v) { return v === null ? NaN : v / MIB; }); }

  function draw(run) {
    var columns = run.columns, at = columns.at, end = at.length ? last(at) : 1;
    source("load").data = { at: at, users: columns.users, rate: columns.rate, failures: columns.failures };
    source("memory").data = { at: at, memory: inMib(columns.memory), peak: inMib(columns.peak), heap: inMib(columns.heap || columns.peak.map(function () { return null; })) };
    var near = run.limit && run.top && run.limit <= 3 * run.top;
    source("limit").data = near ? { at: [0, end], mib: [run.limit / MIB, run.limit / MIB] } : { at: [], mib: [] };
    source("phases").data = {
      left: run.phases.map(function (p) { return p[1]; }),
      right: run.phases.map(function (p) { return p[2]; }),
      name: run.phases.map(function (p) { return p[0]; }),
      height: run.phases.map(function () { return 0; }),
      colour: run.phases.map(function (p, i) { return colours[i % colours.length]; })
    };
    source("processes").data = {
      xs: run.processes.map(function (p) { return p.sizes.map(function (s) { return s[0]; }); }),
      ys: run.processes.map(function (p) { return p.sizes.map(function (s) { return s[1] / MIB; }); }),
      name: run.processes.map(function (p) { return p.pid + " " + p.name; }),
      colour: run.processes.map(function (p, i) { return colours[(i + 2) % colours.length]; })
    };
  }

  function row(cells, classes) {
    var line = document.createElement("tr");
    cells.forEach(function (cell, index) {
      var box = document.createElement("td");
      if (classes[index]) { box.className = classes[index]; }
      if (cell instanceof Node) { box.appendChild(cell); } else { box.textContent = cell; }
      line.appendChild(box);
    });
    return line;
  }

  function fill(id, lines) {
    var body = element(id);
    body.textContent = "";
    lines.forEach(function (line) { body.appendChild(line); });
  }

  function link(text, href) {
    var anchor = document.createElement("a");
    anchor.textContent = text;
    anchor.href = href;
    return anchor;
  }

  function tiles(run) {
    var columns = run.columns, phase = run.phases.length ? last(run.phases)[0] : "starting";
    var memory = columns.memory.length ? last(columns.memory) : null;
    tell("tile-memory", mib(memory));
    tell("tile-measure", words(run.measure) || "what the limit counts");
    tell("tile-peak", mib(run.top));
    tell("tile-limit", run.limit ? mib(run.limit) : "unknown");
    tell("tile-share", run.limit && memory ? (100 * memory / run.limit).toFixed(0) + " % used now" : "");
    tell("tile-users", columns.users.length ? String(last(columns.users)) : "-");
    tell("tile-phase", run.state === "running" ? "phase " + phase : run.state);
    tell("tile-rate", columns.rate.length ? last(columns.rate).toFixed(1) + "/s" : "-");
    tell("tile-failures", columns.failures.length ? last(columns.failures).toFixed(1) + " failures/s" : "");
    var state = {
      running: "Running: " + phase,
      reporting: "The run has ended; its report is being written",
      ended: "The run has ended (" + words(run.reason) + ")"
    }[run.state] || run.state;
    tell("headline", state);
    tell("facts", run.name);
  }

  function alerts(run) {
    var lines = run.alerts.map(function (alert) {
      var line = document.createElement("li");
      line.textContent = alert.at + " s: " + alert.text;
      return line;
    });
    if (!lines.length) {
      lines = [document.createElement("li")];
      lines[0].textContent = "none";
    }
    fill("alerts", lines);
  }

  function processes(run) {
    fill("processes", run.processes.map(function (process) {
      var sizes = process.sizes.map(function (s) { return s[1]; });
      return row([process.pid + " " + process.name, process.role, mib(last(sizes)), mib(Math.max.apply(null, sizes))],
        ["text", "text", "", ""]);
    }));
  }

  function runs(list) {
    fill("runs", list.map(function (run) {
      var base = "memory/runs/" + encodeURIComponent(run.name) + "/";
      var report = run.has_report ? link("report", base + "report.html") : "none yet";
      return row([run.name, report, run.sentence || (run.fit ? words(run.fit) : "-")], ["text", "text", "text wide"]);
    }));
  }

  function show(content) {
    runs(content.runs);
    if (!content.run) { return; }
    tiles(content.run);
    alerts(content.run);
    processes(content.run);
    draw(content.run);
    shown = content.run;
    document.documentElement.setAttribute("data-live", content.run.state);
  }

  function ask() {
    window.fetch("memory/data", { credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok) { throw new Error("status " + answer.status); }
      return answer.json();
    }).then(function (content) {
      failed = 0;
      show(content);
    }).catch(function (error) {
      failed += 1;
      if (failed === 3) { tell("facts", "The suite does not answer (" + error.message + "); what is shown is the last that was heard."); }
    }).then(function () {
      // A long run is a larger answer: it may come less often.
      var long = shown && shown.columns.at.length > 600;
      window.setTimeout(ask, shown && shown.state === "running" ? (long ? 2000 : 1000) : 3000);
    });
  }

  function start() {
    if (document.documentElement.getAttribute("data-charts") === "drawn") { ask(); } else { window.setTimeout(start, 50); }
  }
  start();
})();
