import "./styles/tokens.css";
import "./styles/base.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { i18n } from "./i18n/index.svelte";

document.documentElement.lang = i18n.locale;
mount(App, { target: document.getElementById("app")! });
