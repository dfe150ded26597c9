"use strict";

const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

const resolved = (schema, api, depth = 0) => {
  if (!schema || depth > 6) return {};
  if (schema.$ref) return resolved(schema.$ref.split("/").slice(1).reduce((at, key) => at[key], api), api, depth + 1);
  return schema;
};

const example = (schema, api, depth = 0) => {
  const known = resolved(schema, api, depth);
  if (depth > 6) return null;
  if (known.default !== undefined) return known.default;
  if (known.enum) return known.enum[0];
  if (known.const !== undefined) return known.const;
  const choice = known.anyOf || known.oneOf;
  if (choice) return example(choice[0], api, depth + 1);
  if (known.type === "array") return [example(known.items, api, depth + 1)];
  if (known.type === "object") {
    const fields = Object.entries(known.properties || {});
    return Object.fromEntries(fields.map(([name, field]) => [name, example(field, api, depth + 1)]));
  }
  return { integer: 0, number: 0, boolean: false, string: "" }[known.type] ?? null;
};

const bodyOf = (operation) => operation.requestBody?.content?.["application/json"]?.schema;

const shown = async (answer) => {
  const type = answer.headers.get("content-type") || "";
  if (type.startsWith("image/") || type.includes("zip") || type.includes("octet-stream")) {
    return `${(await answer.blob()).size} bytes of ${type}`;
  }
  const text = await answer.text();
  return type.includes("json") && !type.includes("ndjson") && text ? JSON.stringify(JSON.parse(text), null, 2) : text;
};

const send = async (method, path, inputs, body, output) => {
  const query = new URLSearchParams();
  let address = path;
  for (const [parameter, input] of inputs) {
    if (input.value === "") continue;
    if (parameter.in === "path") address = address.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    if (parameter.in === "query") query.append(parameter.name, input.value);
  }
  const headers = {};
  const token = document.getElementById("token").value;
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  for (const [parameter, input] of inputs) {
    if (parameter.in === "header" && input.value) headers[parameter.name] = input.value;
  }
  output.textContent = "…";
  try {
    const target = query.size ? `${address}?${query}` : address;
    const answer = await fetch(target, { method: method.toUpperCase(), headers, body: body?.value });
    output.textContent = `${answer.status} ${answer.statusText}\n\n${await shown(answer)}`;
  } catch (error) {
    output.textContent = String(error);
  }
};

const described = (api, path, method, operation) => {
  const inputs = (operation.parameters || []).map((parameter) => [parameter, element("input")]);
  const schema = bodyOf(operation);
  const body = schema && element("textarea", { value: JSON.stringify(example(schema, api), null, 2), spellcheck: false });
  const output = element("pre");
  const button = element("button", { textContent: "Send" });
  button.addEventListener("click", () => send(method, path, inputs, body, output));
  const summary = element("summary", {},
    element("span", { className: `method ${method}`, textContent: method.toUpperCase() }),
    element("code", { textContent: path }),
    element("span", { textContent: operation.summary || "" }));
  const rows = inputs.map(([parameter, input]) => {
    input.placeholder = `${parameter.in}${parameter.required ? ", required" : ""} ${parameter.description || ""}`;
    return element("label", {}, parameter.name, input);
  });
  return element("details", {}, summary, element("p", { textContent: operation.description || "" }),
    ...rows, ...(body ? [body] : []), element("p", {}, button), output);
};

const show = async () => {
  const api = await (await fetch("/api/openapi.json")).json();
  const groups = new Map();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags?.[0] || "other";
      groups.set(tag, [...(groups.get(tag) || []), described(api, path, method, operation)]);
    }
  }
  const sections = [...groups].flatMap(([tag, operations]) => [element("h2", { textContent: tag }), ...operations]);
  document.getElementById("operations").replaceChildren(...sections);
};

show();
