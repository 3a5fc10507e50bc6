(function () {
  "use strict";
  var item = JSON.parse(document.getElementById("timeline-data").textContent);
  Bokeh.set_log_level("warn");
  Bokeh.embed.embed_item(item).then(function () {
    document.documentElement.setAttribute("data-charts", "drawn");
  });
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (part) { part.open = true; });
  });
})();
