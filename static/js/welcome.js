// An eye beside a password: shows what was typed while it is pressed down. Without scripts the field stays as it is.
(function () {
  "use strict";

  const words = document.documentElement.lang === "en" ? ["Show password", "Hide password"] : ["Hiện mật khẩu", "Che mật khẩu"];
  const drawings = document.querySelector("use[href*='icons.svg'], use[href*='drawings.svg']");
  const sheet = drawings ? drawings.getAttribute("href").replace(/(icons|drawings)\.svg.*/, "icons.svg") : "";

  document.querySelectorAll("input[data-eye]").forEach(function (field) {
    const frame = document.createElement("span");
    const eye = document.createElement("button");
    const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    frame.className = "eye-frame";
    eye.type = "button";
    eye.className = "eye";
    picture.setAttribute("class", "icon");
    picture.setAttribute("aria-hidden", "true");
    picture.append(use);
    eye.append(picture);
    field.replaceWith(frame);
    frame.append(field, eye);

    function show(open) {
      field.type = open ? "text" : "password";
      eye.setAttribute("aria-label", words[open ? 1 : 0]);
      use.setAttribute("href", sheet + (open ? "#eye-off" : "#eye"));
    }
    eye.addEventListener("click", function () { show(field.type === "password"); field.focus(); });
    field.form.addEventListener("submit", function () { show(false); });
    show(false);
    if (field.autofocus) { field.focus(); }
  });
})();
