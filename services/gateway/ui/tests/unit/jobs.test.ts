import { describe, expect, it } from "vitest";
import { JobList, type Job } from "../../src/screens/project/job-list.svelte";

const jobOf = (id: string, state: Job["state"], progress = 0): Job => ({ id, state, progress });
const listOf = (...items: Job[]): JobList<Job> => {
  const jobs = new JobList<Job>(
    () => Promise.resolve({ items }),
    () => Promise.reject(new Error("not asked")),
  );
  for (const job of [...items].reverse()) jobs.put(job);
  return jobs;
};

describe("jobs", () => {
  it("stay finished when an older response arrives", () => {
    const jobs = listOf(jobOf("a", "done", 1));
    jobs.put(jobOf("a", "queued"));
    jobs.put(jobOf("a", "running", 0.5));
    expect(jobs.find("a")?.state).toBe("done");
  });

  it("progress, and may restart while they run", () => {
    const jobs = listOf(jobOf("a", "running", 0.9));
    jobs.put(jobOf("a", "running", 0.1));
    expect(jobs.find("a")?.progress).toBe(0.1);
    jobs.put(jobOf("a", "cancelled"));
    expect(jobs.find("a")?.state).toBe("cancelled");
  });

  it("are listed newest first", () => {
    const jobs = listOf(jobOf("b", "done"), jobOf("a", "done"));
    jobs.put(jobOf("c", "queued"));
    expect(jobs.items.map((item) => item.id)).toEqual(["c", "b", "a"]);
  });

  it("show why they could not be loaded", async () => {
    const jobs = new JobList<Job>(
      () => Promise.reject(new Error("broken")),
      () => Promise.reject(new Error("not asked")),
    );
    await jobs.load();
    expect([jobs.loaded, jobs.failed !== ""]).toEqual([true, true]);
  });
});
