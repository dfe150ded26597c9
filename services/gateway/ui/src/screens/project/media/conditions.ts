import type { Fov, Lighting, Weather } from "../../../api/types";

export const WEATHERS: readonly Weather[] = ["Sunny", "Cloudy", "Rainy", "Foggy", "Snowy", "Other", "Unknown"];
export const LIGHTINGS: readonly Lighting[] = ["Day", "Dawn/Dusk", "Night", "Backlight", "Tunnel", "Unknown"];
export const FOVS: readonly Fov[] = ["≤40", "40–60", "60–90", "90–120", ">120 (fisheye)", "Unknown"];
