(function () {
  "use strict";
  var root = document.documentElement;

  function each(selector, action) { Array.prototype.forEach.call(document.querySelectorAll(selector), action); }

  // -- charts

  function figuresOf(view, found) {
    // A grid or a column holds figures as children; only figures have an x range.
    if (view.model.x_range) { found.push(view.model); }
    (view.child_views || []).forEach(function (child) { figuresOf(child, found); });
    return found;
  }

  function figuresIn(element) {
    var found = [];
    Object.keys(Bokeh.index).forEach(function (key) {
      var view = Bokeh.index[key];
      if (element.contains(view.el)) { figuresOf(view, found); }
    });
    return found;
  }

  function readout(element, figure) {
    var line = document.getElementById(element.id + "-readout");
    if (!line) { return; }
    var low = figure.x_range.start, high = figure.x_range.end, top = null;
    figure.renderers.forEach(function (renderer) {
      var data = renderer.data_source && renderer.data_source.data;
      if (top !== null || !data || !data.x || !data.y) { return; }
      for (var i = 0; i < data.x.length; i++) {
        if (data.x[i] >= low && data.x[i] <= high && !(data.y[i] <= top)) { top = data.y[i]; }
      }
    });
    line.textContent = "Showing " + low.toFixed(1) + " to " + high.toFixed(1) +
      (top === null || !isFinite(top) ? "" : "; highest there: " + top.toFixed(1));
  }

  function steer(element, event) {
    var figures = figuresIn(element);
    if (!figures.length) { return; }
    var range = figures[0].x_range, width = range.end - range.start, middle = (range.end + range.start) / 2;
    if (!element.whole) { element.whole = [range.start, range.end]; }
    var next = {
      ArrowLeft: [range.start - width / 10, range.end - width / 10],
      ArrowRight: [range.start + width / 10, range.end + width / 10],
      "+": [middle - width / 4, middle + width / 4],
      "=": [middle - width / 4, middle + width / 4],
      "-": [middle - width, middle + width],
      Escape: element.whole
    }[event.key];
    if (!next) { return; }
    event.preventDefault();
    range.setv({ start: Math.max(next[0], element.whole[0]), end: Math.min(next[1], element.whole[1]) });
    readout(element, figures[0]);
  }

  // How wide a text is in the charts' letters, in pixels.
  var pen = document.createElement("canvas").getContext("2d");

  function widthOf(text) {
    pen.font = "12px helvetica";
    return pen.measureText(text).width;
  }

  function isPhaseName(part) { return part.tags[0] === "phase"; }

  // Names of phases in two lines, the longest phases first. A name without room is hidden, and is
  // back where the chart is wide enough, or zoomed in. Within what is shown a name stays whole.
  function namePhases(figure) {
    // Not laid out yet, for instance in a folded part.
    if (figure.properties.inner_width.is_unset) { return; }
    var start = figure.x_range.start, width = figure.inner_width, scale = width / (figure.x_range.end - start);
    var taken = [[], []];
    if (!isFinite(scale) || scale <= 0) { return; }
    figure.center.filter(isPhaseName).sort(function (one, other) {
      return other.tags[1] - one.tags[1] || one.x - other.x;
    }).forEach(function (label) {
      var begin = (label.x - start) * scale, end = begin + label.tags[1] * scale, letters = widthOf(label.text) + 8;
      var left = Math.max(0, Math.min(Math.max(0, begin), width - letters));
      var line = taken.findIndex(function (names) {
        return names.every(function (name) { return left + letters <= name[0] || left >= name[1]; });
      });
      var isShown = line >= 0 && end > 0 && begin < width;
      if (isShown) { taken[line].push([left, left + letters]); }
      label.setv({ visible: isShown, x_offset: left - begin + 4, y_offset: line > 0 ? 18 : 4 });
    });
  }

  function nameAllPhases() {
    each(".chart", function (element) {
      figuresIn(element).forEach(function (figure) {
        if (!figure.center.some(isPhaseName)) { return; }
        function again() { namePhases(figure); }
        figure.properties.inner_width.change.connect(again);
        figure.x_range.change.connect(again);
        again();
      });
    });
  }

  function drawn() {
    nameAllPhases();
    root.setAttribute("data-charts", "drawn");
    each(".chart", function (element) {
      element.addEventListener("keydown", function (event) { steer(element, event); });
    });
  }

  var data = document.getElementById("chart-data");
  if (data) {
    var content = JSON.parse(data.textContent);
    // The live page begins without data, of which Bokeh warns.
    Bokeh.set_log_level(data.getAttribute("data-log"));
    Promise.resolve(content.items.length ? Bokeh.embed.embed_items(content.documents, content.items) : null).then(drawn);
  }

  // -- controls

  function say(text) {
    var line = document.getElementById("announcement");
    if (line) { line.textContent = text; }
  }

  function isDark() {
    var chosen = root.getAttribute("data-theme");
    return chosen ? chosen === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  }

  function remember(theme) { try { window.localStorage.setItem("plimsoll-theme", theme); } catch (refused) { /* file:// may refuse */ } }

  try {
    var before = window.localStorage.getItem("plimsoll-theme");
    if (before === "dark" || before === "light") { root.setAttribute("data-theme", before); }
  } catch (refused) { /* file:// may refuse */ }

  function select(element) {
    var range = document.createRange(), selection = window.getSelection();
    range.selectNodeContents(element);
    selection.removeAllRanges();
    selection.addRange(range);
  }

  function copy(button) {
    var element = document.getElementById(button.getAttribute("data-copy"));
    function told(ok) {
      button.textContent = ok ? "copied" : "selected: press Ctrl-C";
      say(button.textContent);
      window.setTimeout(function () { button.textContent = "copy"; }, 2500);
    }
    function byHand() {
      select(element);
      var ok = false;
      try { ok = document.execCommand("copy"); } catch (refused) { ok = false; }
      told(ok);
    }
    // On file:// the clipboard may be missing, or refuse.
    if (navigator.clipboard && navigator.clipboard.writeText) {
      navigator.clipboard.writeText(element.textContent).then(function () { told(true); }, byHand);
    } else { byHand(); }
  }

  var actions = {
    theme: function () {
      var next = isDark() ? "light" : "dark";
      root.setAttribute("data-theme", next);
      remember(next);
      say(next + " theme");
    },
    print: function () { window.print(); },
    expand: function (button) {
      var open = button.getAttribute("aria-pressed") !== "true";
      each("details", function (part) { part.open = open; });
      button.setAttribute("aria-pressed", String(open));
      button.textContent = open ? "fold all" : "expand all";
    },
    copy: copy
  };
  each("button[data-do]", function (button) {
    button.addEventListener("click", function () { actions[button.getAttribute("data-do")](button); });
  });

  // -- print: a canvas keeps the screen's width and would be cut; a picture of it shrinks

  function canvasesIn(node, found) {
    if (node.tagName === "CANVAS") { found.push(node); }
    if (node.shadowRoot) { canvasesIn(node.shadowRoot, found); }
    Array.prototype.forEach.call(node.childNodes, function (child) { canvasesIn(child, found); });
    return found;
  }

  function pictures() {
    each(".chart", function (element) {
      var holder = element.nextElementSibling;
      if (!holder || !holder.classList.contains("print-images")) { return; }
      var canvases = canvasesIn(element, []).filter(function (canvas) { return canvas.width >= 100 && canvas.height >= 50; });
      // Already laid out for paper: the pictures of before are the ones.
      if (!canvases.length) { return; }
      holder.textContent = "";
      canvases.forEach(function (canvas) {
        var image = new Image();
        image.className = "print-image";
        image.alt = element.getAttribute("aria-label") || "";
        image.src = canvas.toDataURL();
        holder.appendChild(image);
      });
      element.parentElement.classList.toggle("printed", holder.childNodes.length > 0);
    });
  }

  var folded = [];
  window.addEventListener("beforeprint", function () {
    folded = [];
    each("details", function (part) { if (!part.open) { folded.push(part); part.open = true; } });
    pictures();
  });
  window.addEventListener("afterprint", function () { folded.forEach(function (part) { part.open = false; }); });
})();
